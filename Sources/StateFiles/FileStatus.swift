import SystemLibraries

/// What the file system says of a path; a link is looked at itself.
///
/// FileManager's attributes are of type `Any`, and what they hold differs: a size is an NSNumber
/// where Foundation is loaded and a UInt with FoundationEssentials alone, as in the shipped
/// executable, so that a cast to Int succeeds in tests only.
package struct FileStatus: Sendable, Equatable {
    /// What a path leads to.
    package enum Kind: Sendable, Equatable {
        case file, folder, link, special
    }

    package let kind: Kind
    /// Bytes.
    package let size: Int64
    package let modified: Date

    /// Looks at the path; nil when nothing is there, or it cannot be looked at.
    package init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .special
            }
        size = Int64(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        modified = Date(
            timeIntervalSince1970: Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000)
    }
}
