import SystemLibraries

/// A path for a file that another program writes, with a name that no other file has.
package func temporaryFile(_ purpose: String) -> String {
    FileManager.default.temporaryDirectory.path
        + "/devcluster-\(purpose)-\(UInt64.random(in: 0...UInt64.max))"
}
