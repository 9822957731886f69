// What every system has, under the names it has there: one import instead of ten lines.

// The shipped executable is linked with FoundationEssentials only: full Foundation costs 44 MB and
// 2 to 6 ms of every start (docs/architecture.md).
#if canImport(FoundationEssentials)
    @_exported import FoundationEssentials
#else
    @_exported import Foundation
#endif

#if canImport(Darwin)
    @_exported import Darwin
#elseif canImport(Musl)
    @_exported import Musl
#else
    @_exported import Glibc
#endif
