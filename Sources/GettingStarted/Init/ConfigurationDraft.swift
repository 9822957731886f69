import Settings
import Vocabulary

/// A first `devcluster.yaml`, made from what a project's folder holds.
struct ConfigurationDraft: Sendable, Equatable {
    /// An image of the draft.
    struct Image: Sendable, Equatable {
        var name: String
        var finding: ImageFinding
        /// Nil where the context's own is meant.
        var containerfile: String?
        /// References of manifests that mean it.
        var matches: [String] = []
        /// Why it is not built.
        var problem: String?
    }

    /// The project's name, which is the cluster's.
    let name: String
    let namespace: String
    /// The images, also those that are not built.
    private(set) var images: [Image] = []
    /// The tool's file that names the manifests.
    let manifestsOrigin: String?
    /// What is applied.
    let manifests: [ManifestSource]
    /// What is not.
    let alternatives: [ManifestAlternative]
    let forwards: [ForwardAssignment.Assigned]
    /// What was found and is not in it.
    let remarks: [String]
    /// All files of the project.
    let files: Set<String>

    /// Drafts the configuration of a project.
    ///
    /// - Parameter isFree: whether a port of this machine can be opened.
    init(_ survey: ProjectSurvey, isFree: @escaping @Sendable (Int) -> Bool) {
        name = survey.project
        let findings = ConfigurationDraft.findings(survey)
        let choice = ManifestChoice(survey, images: findings)
        manifestsOrigin = choice.origin
        manifests = choice.chosen
        alternatives = choice.alternatives
        files = Set(survey.files.paths)
        let objects = choice.chosen.flatMap(\.objects)
        namespace = ConfigurationDraft.namespace(of: objects) ?? survey.project
        let assignment = ImageAssignment(findings, uses: choice.chosen.flatMap(\.uses))
        let ports = ForwardAssignment(
            survey.tools.flatMap(\.forwards), objects: objects, images: assignment.images,
            isFree: isFree)
        forwards = ports.forwards
        remarks =
            survey.remarks + ports.remarks
            + ConfigurationDraft.remarks(on: findings, objects, survey.files)
        for image in assignment.images { add(image, of: assignment, survey.files) }
        addBases()
    }

    /// Builds what built images are built on, under the names that their Containerfiles use.
    private mutating func addBases() {
        var open = images.filter { $0.problem == nil }
        while let image = open.popLast() {
            for base in image.finding.bases.sorted() {
                guard
                    let index = images.firstIndex(where: {
                        $0.finding != image.finding && $0.finding.isMeant(by: base)
                    })
                else { continue }
                if images[index].problem != nil {
                    images[index].problem = nil
                    open.append(images[index])
                }
                if base != images[index].name, !images[index].matches.contains(base) {
                    images[index].matches.append(base)
                }
            }
        }
    }

    /// What the user should know of what was chosen.
    private static func remarks(
        on findings: [ImageFinding], _ objects: [JSONValue], _ files: ProjectFiles
    ) -> [String] {
        var remarks = KubernetesTypes.missing(in: objects).map {
            "\($0) is applied, and a new cluster has no such type: install it first"
        }
        for finding in findings {
            remarks += finding.buildArgs.keys.filter { !ConfigurationReader.isVariableName($0) }
                .sorted().map { "\(finding.containerfile): no ARG can be called \($0)" }
        }
        if files.isCut { remarks.append("the project is large: not all of its folders were seen") }
        return remarks
    }

    /// What tools' files say is built, and the Containerfiles that none of them names.
    private static func findings(_ survey: ProjectSurvey) -> [ImageFinding] {
        var findings: [ImageFinding] = []
        for new in survey.tools.flatMap(\.images) {
            if let index = findings.firstIndex(where: { $0.isSameBuild(as: new) }) {
                findings[index].references += new.references
                findings[index].names += new.names
            } else {
                findings.append(new)
            }
        }
        for index in findings.indices {
            let text = survey.files.text(findings[index].containerfile) ?? ""
            findings[index].stages = ContainerfileSearch.stages(of: text)
        }
        let named = Set(findings.map(\.containerfile))
        let found = ContainerfileSearch(files: survey.files, project: survey.project).findings
        findings += found.filter { !named.contains($0.containerfile) }
        for index in findings.indices {
            let finding = findings[index]
            findings[index].bases = ContainerfileSearch.bases(
                of: survey.files.text(finding.containerfile) ?? "", arguments: finding.buildArgs,
                target: finding.target)
        }
        return findings
    }

    private mutating func add(
        _ image: ImageAssignment.Assigned, of assignment: ImageAssignment, _ files: ProjectFiles
    ) {
        let finding = image.finding
        let references = image.references.map(\.repository)
        let declared = finding.references.first.flatMap { try? ImageReference($0) }
        let main = image.references.first ?? declared
        let written = main.map { ImageAssignment.last($0) } ?? finding.names.first ?? name
        let name = uniqueName(written, main?.path)
        let isDefault = files.containerfile(in: finding.context) == finding.containerfile
        images.append(
            Image(
                name: name, finding: finding,
                containerfile: isDefault ? nil : finding.containerfile,
                matches: Set(references.filter { $0 != name }).sorted(),
                problem: problem(of: image, assignment)))
    }

    private func uniqueName(_ written: String, _ path: String?) -> String {
        let base = ConfigurationDraft.imageName(written)
        let names = Set(images.map(\.name))
        let longer = path.map { ConfigurationDraft.imageName($0) }
        let numbered = (2...).lazy.map { "\(base)-\($0)" }.first { !names.contains($0) }
        return [base, longer, numbered].compactMap { $0 }.first { !names.contains($0) } ?? base
    }

    /// Why an image is not built.
    private func problem(of image: ImageAssignment.Assigned, _ assignment: ImageAssignment)
        -> String?
    {
        if !image.references.isEmpty { return nil }
        let all = assignment.images
        if assignment.usedCount > 0 { return "no manifest uses it" }
        if image.finding.isAside { return "it is beside the sources" }
        let isAnyNamed = all.contains { $0.finding.origin != nil }
        return isAnyNamed && image.finding.origin == nil ? "no tool's file names it" : nil
    }

    /// The namespace that the objects say they belong to.
    private static func namespace(of objects: [JSONValue]) -> String? {
        func named(_ objects: [JSONValue]) -> [String] {
            objects.compactMap { $0["metadata"]?["namespace"]?.string }
                .filter { (try? NamespaceName($0)) != nil && $0 != "kube-system" }
        }
        let ofWorkloads = named(objects.filter(\.runsPods))
        let all = ofWorkloads.isEmpty ? named(objects) : ofWorkloads
        let counts = Dictionary(grouping: all) { $0 }.mapValues(\.count)
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    /// The nearest name that a repository can have.
    static func imageName(_ text: String) -> String {
        let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let name = words.joined(separator: "-")
        return (try? RepositoryName(name))?.description ?? "app"
    }

    /// The nearest name that a cluster can have.
    static func clusterName(_ text: String) -> String {
        let words = imageName(text).prefix(ClusterName.longest)
        let name = words.hasSuffix("-") ? String(words.dropLast()) : String(words)
        return (try? ClusterName(name))?.description ?? "app"
    }
}
