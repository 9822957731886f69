import SystemLibraries
import Templates
import Vocabulary

/// A language that `init` can write a Containerfile for.
public enum ContainerfileLanguage: String, Sendable, CaseIterable {
    case rust, go, swift, node, python

    /// The Containerfile for a project in this folder.
    func containerfile(folder: String) -> String {
        template.filled(["name": programName(folder)])
    }

    private var template: Template {
        switch self {
        case .rust: .rustContainerfile
        case .go: .goContainerfile
        case .swift: .swiftContainerfile
        case .node: .nodeContainerfile
        case .python: .pythonContainerfile
        }
    }

    /// The name of the program that is built: what the project's own file says, else the folder's.
    private func programName(_ folder: String) -> String {
        func text(_ name: String) -> String {
            FileManager.default.contents(atPath: "\(folder)/\(name)")
                .map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        let named: Substring? =
            switch self {
            case .rust: text("Cargo.toml").firstMatch(of: /(?m)^name\s*=\s*"([\w-]+)"/)?.output.1
            case .swift:
                text("Package.swift")
                    .firstMatch(of: /executable(?:Target)?\(\s*name:\s*"([\w-]+)"/)?.output.1
            default: nil
            }
        return named.map(String.init)
            ?? ConfigurationDraft.imageName(ConfigurationPath.name(of: folder))
    }
}
