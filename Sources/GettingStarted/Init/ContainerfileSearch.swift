import Images
import Vocabulary

/// Finds Containerfiles, and for those that no tool's file names, which context they mean.
struct ContainerfileSearch {
    let files: ProjectFiles
    /// The project's name.
    let project: String

    /// Every Containerfile as an image of its own.
    var findings: [ImageFinding] {
        let paths = files.paths.filter { ContainerfileSearch.isContainerfile($0) }
        let found = paths.map { finding($0, among: paths) }
        // Where everything is aside, nothing is.
        guard found.allSatisfy(\.isAside) else { return found }
        return found.map { finding in
            var finding = finding
            finding.isAside = false
            return finding
        }
    }

    /// `Containerfile`, `Dockerfile`, `web.Containerfile`, `Dockerfile.web`, `dev.dockerfile`.
    static func isContainerfile(_ path: String) -> Bool {
        let name = ProjectPath.name(of: path)
        let parts = name.split(separator: ".").map { $0.lowercased() }
        let isOne = [parts.first, parts.last].contains { part in
            ["containerfile", "dockerfile"].contains(part ?? "")
        }
        return isOne && parts.count <= 2 && !name.lowercased().hasSuffix("ignore")
    }

    /// The names of the stages of a Containerfile.
    static func stages(of text: String) -> [String] {
        Containerfile(text).instructions.filter { $0.keyword == "FROM" }.compactMap { from in
            let words = from.rest.split(whereSeparator: \.isWhitespace)
            return words.count == 3 && words[1].lowercased() == "as" ? String(words[2]) : nil
        }
    }

    /// The images that a build begins with or copies from, if they can be images of the project.
    static func bases(of text: String, arguments: [String: String], target: String?)
        -> Set<String>
    {
        let images = ContainerfileStages(Containerfile(text), arguments: arguments)
            .images(target: target)
        return Set(
            images.compactMap { image in
                guard let reference = try? ImageReference(image.reference),
                    reference.digest == nil
                else { return nil }
                // What podman calls an image that was built on this machine.
                if reference.registry == "localhost" { return reference.path }
                let isPlain = reference.tag == nil || reference.tag?.description == "latest"
                return isPlain || reference.repository.contains("/") ? reference.repository : nil
            })
    }

    private func finding(_ path: String, among all: [String]) -> ImageFinding {
        let folder = ProjectPath.parent(of: path)
        let words = ProjectPath.name(of: path).lowercased().split(separator: ".").map(String.init)
        let word = words.first { $0 != "containerfile" && $0 != "dockerfile" }
        let isVariant = word.map { PathWords.variants.contains($0) } ?? false
        let isPlainBeside = ["Containerfile", "Dockerfile"].contains {
            all.contains(ProjectPath.joined(folder, $0) ?? $0)
        }
        let text = files.text(path) ?? ""
        let place = ProjectPath.parts(of: folder).last {
            !PathWords.generic.contains($0.lowercased())
        }
        let name = isVariant ? nil : word
        let isBuildersOwn = PathWords.rank(of: path) == 2 || word == "bundle"
        return ImageFinding(
            names: [name ?? place ?? project], context: context(of: text, in: folder),
            containerfile: path, stages: ContainerfileSearch.stages(of: text),
            isAside: isBuildersOwn || (isVariant && isPlainBeside))
    }

    /// The nearest folder, from the Containerfile's own upwards, that has what it copies.
    private func context(of text: String, in folder: String) -> String {
        let file = Containerfile(text)
        let sources = ContainerfileStages(file, arguments: [:]).use(target: nil).sources
        var candidates = [folder]
        while let last = candidates.last, !last.isEmpty {
            candidates.append(ProjectPath.parent(of: last))
        }
        let named = sources.filter { !$0.isEverything }
        if named.isEmpty {
            guard !sources.isEmpty else { return folder }
            // `COPY . .` in a folder with nothing to copy means a folder above it.
            return candidates.first { hasSources($0) } ?? folder
        }
        var best = (folder, -1)
        for candidate in candidates {
            let inside = files.paths.filter { ProjectPath.isIn($0, candidate) }.map { path in
                Array(ProjectPath.parts(of: path).dropFirst(ProjectPath.parts(of: candidate).count))
            }
            let count = named.count { source in inside.contains { source.covers($0) } }
            if count > best.1 { best = (candidate, count) }
        }
        return best.0
    }

    private func hasSources(_ folder: String) -> Bool {
        files.paths.contains { path in
            ProjectPath.isIn(path, folder) && !ContainerfileSearch.isContainerfile(path)
                && ![".sh", ".md", ".yaml", ".yml"].contains { path.hasSuffix($0) }
        }
    }
}
