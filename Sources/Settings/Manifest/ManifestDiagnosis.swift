import ChildProcess
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Finds out why kubectl does not take files as manifests, and what is to be written instead.
struct ManifestDiagnosis: Sendable {
    let runner: any Runner
    let configuration: Configuration
    /// As the configuration names it.
    let source: String

    private static let mostFiles = 2000
    private static let mostShown = 10

    /// Why a file is no manifest.
    private enum Fault {
        case foreign(ForeignFile)
        /// A file of the chart in this folder.
        case chart(ManifestPlace)
        case template(Placeholder)
    }

    private struct Finding {
        var file: ManifestPlace
        var fault: Fault?
    }

    /// The error for a folder with a chart.
    func refusal(of chart: ManifestPlace) -> DevClusterError {
        var advice = ManifestAdvice(for: source, in: configuration)
        advice.add(chart: chart.name)
        return DevClusterError(
            .usage, "\(ShownText.line(chart.name)) is a Helm chart", hint: advice.hint)
    }

    /// What is wrong with the files of these places; nil when nothing is known.
    ///
    /// - Throws: `DevClusterError` for a file that cannot be read, `InvocationError`.
    func explanation(of places: [ManifestPlace]) async throws -> DevClusterError? {
        let files = Array(places.flatMap(\.files).prefix(ManifestDiagnosis.mostFiles))
        var texts: [String] = []
        for file in files {
            texts.append(String(decoding: try WholeFile.read(file.path) ?? Data(), as: UTF8.self))
        }
        guard let documents = try await documents(of: texts) else { return nil }
        var findings: [Finding] = []
        for (index, file) in files.enumerated() {
            let fault = try fault(of: file, texts[index], documents[index])
            findings.append(Finding(file: file, fault: fault))
        }
        let bad = findings.filter { $0.fault != nil }
        guard !bad.isEmpty else { return nil }
        return DevClusterError(
            .usage, message(bad), hint: advice(findings).hint ?? general(bad))
    }

    /// The documents of each text; nil when kubectl fails again, which explains nothing.
    private func documents(of texts: [String]) async throws -> [[JSONValue]?]? {
        do {
            return try await KubectlYAML(runner: runner).read(texts)
        } catch is DevClusterError {
            return nil
        } catch let error as InvocationError where error.isFailure {
            return nil
        }
    }

    private func fault(of file: ManifestPlace, _ text: String, _ documents: [JSONValue]?) throws
        -> Fault?
    {
        guard let documents else {
            if let chart = try chart(of: file) { return .chart(chart) }
            let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingSpace }
            // Comments are no reason for anything.
            let placeholders = lines.filter { !$0.hasPrefix("#") }.compactMap { Placeholder($0) }
            let action = placeholders.first { $0.text.contains("{{") }
            return (action ?? placeholders.first).map { .template($0) }
        }
        let foreign = documents.lazy.compactMap { ForeignFile($0, inFile: file.path) }.first
        guard let foreign else { return nil }
        return try chart(of: file).map { .chart($0) } ?? .foreign(foreign)
    }

    /// The chart that a file belongs to: the nearest folder above it, within the project, that has
    /// one.
    private func chart(of file: ManifestPlace) throws -> ManifestPlace? {
        var folder = ConfigurationPath.parent(of: file.path)
        let project = ConfigurationPath.joined(configuration.folder, "")
        while ProjectPath.isIn(folder, project) || folder == project {
            let relative = folder == project ? "." : String(folder.dropFirst(project.count + 1))
            let place = ManifestPlace(name: relative, path: folder)
            if try place.isChart { return place }
            guard folder != project, folder != "/" else { break }
            folder = ConfigurationPath.parent(of: folder)
        }
        return nil
    }

    private func message(_ bad: [Finding]) -> String {
        let lines = bad.map { finding -> String in
            let what =
                switch finding.fault {
                case .foreign(let file): file.what
                case .chart(let chart): "a part of the Helm chart \(chart.name)"
                case .template(let placeholder):
                    "a template: \(ShownText.quoted(placeholder.text)) has to be filled in"
                case nil: ""
                }
            return ShownText.line("\(finding.file.name) is no manifest but \(what)")
        }
        guard lines.count > 1 else { return lines.joined() }
        let shown = lines.prefix(ManifestDiagnosis.mostShown)
        let more = lines.count > shown.count ? ["and \(lines.count - shown.count) more"] : []
        let place = ShownText.line(source)
        return "\(lines.count) files of \(place) are no manifests"
            + (shown + more).map { "\n  \($0)" }.joined()
    }

    /// Everything but what is wrong.
    private func advice(_ findings: [Finding]) -> ManifestAdvice {
        var advice = ManifestAdvice(for: source, in: configuration)
        let kustomizations = findings.filter { finding in
            if case .foreign(.kustomization) = finding.fault { true } else { false }
        }.map { ConfigurationPath.parent(of: $0.file.path) }
        for finding in findings {
            let isKustomized = kustomizations.contains { finding.file.path.hasPrefix($0 + "/") }
            switch finding.fault {
            case nil where !isKustomized: advice.add(path: finding.file.name)
            case .foreign(.kustomization): advice.add(path: finding.file.folder)
            case .chart(let chart): advice.add(chart: chart.name)
            case .template(let placeholder) where !placeholder.text.contains("{{"):
                advice.add(
                    output: ["cat", finding.file.name],
                    placeholder.variables.map { ($0, nil) })
            case .template, .foreign, nil: break
            }
        }
        return advice
    }

    private func general(_ bad: [Finding]) -> String {
        let isTemplate = bad.contains { if case .template = $0.fault { true } else { false } }
        if isTemplate {
            return "name the program that fills it in: manifests: [{render: [PROGRAM, ARGUMENT]}]"
        }
        let name = ShownText.line(source)
        return bad.count == 1 && bad[0].file.name == source
            ? "take it out of spec.manifests"
            : "a folder of manifests may hold nothing else: move what is none out of \(name)"
    }
}
