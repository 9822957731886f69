import ChildProcess
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Refuses manifests that are templates still: `image: ${REGISTRY}/web:${TAG}`.
struct HalfRendered {
    let configuration: Configuration

    /// Something to fill in.
    private struct Gap {
        var object: ManifestObject
        var field: String
        var placeholder: Placeholder
    }

    /// Throws when an image or a name of a built-in kind is a placeholder; in other kinds it may
    /// be meant so.
    func refuse(_ sources: [ReadManifests]) throws(DevClusterError) {
        for source in sources {
            let gaps = source.objects.map { ManifestObject($0) }.filter { $0.builtIn != nil }
                .flatMap(HalfRendered.gaps)
            guard let first = gaps.first else { continue }
            throw refusal(first, gaps, source)
        }
    }

    private static func gaps(_ object: ManifestObject) -> [Gap] {
        let uses = ContainerUse.all(in: [object.value])
        let fields =
            uses.map { ("image", $0.reference) }
            + [("name", object.name), ("namespace", object.namespace ?? "")]
        return fields.compactMap { field, text in
            Placeholder(text).map { Gap(object: object, field: field, placeholder: $0) }
        }
    }

    private func refusal(_ gap: Gap, _ gaps: [Gap], _ source: ReadManifests) -> DevClusterError {
        let file = source.places.flatMap(\.files).first { file in
            HalfRendered.text(file).contains(gap.placeholder.text)
        }
        let place = file?.name ?? source.name
        return DevClusterError(
            .usage,
            ShownText.line(
                "\(place) is a template: the \(gap.field) of \(gap.object.kind)"
                    + " \(ShownText.quoted(gap.object.name)) is"
                    + " \(ShownText.quoted(gap.placeholder.text))"),
            hint: hint(gap, gaps, source))
    }

    private func hint(_ gap: Gap, _ gaps: [Gap], _ source: ReadManifests) -> String {
        if source.places.isEmpty {
            return "let the program fill it in, or write the image's name there"
        }
        guard !gap.placeholder.variables.isEmpty else {
            return "name the program that fills it in: manifests: [{render: [PROGRAM, ARGUMENT]}]"
        }
        var advice = ManifestAdvice(for: source.name, in: configuration)
        for place in source.places {
            if (try? place.isKustomization) == true {
                advice.add(output: KubectlFiles.kustomize(place.name), values(gaps))
                continue
            }
            for file in place.files {
                let text = HalfRendered.text(file)
                let here = gaps.filter { text.contains($0.placeholder.text) }
                if here.isEmpty {
                    advice.add(path: file.name)
                } else {
                    advice.add(output: ["cat", file.name], values(here))
                }
            }
        }
        let image = onlyImage.map { "'image: \($0)'" } ?? "'image: NAME' with a name of spec.images"
        let other = "write \(image), which a deploy replaces by what was built"
        return (advice.hint.map { $0 + "; or " } ?? "") + other
    }

    /// A file's text; read again only for a refusal, where it is worth the time.
    private static func text(_ file: ManifestPlace) -> String {
        (try? WholeFile.read(file.path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private var onlyImage: String? {
        configuration.images.count == 1 ? configuration.images[0].name.description : nil
    }

    /// The variables of these, with what they seem to stand for.
    private func values(_ gaps: [Gap]) -> [(name: String, value: String?)] {
        var values: [(name: String, value: String?)] = []
        for gap in gaps {
            for name in gap.placeholder.variables where !values.contains(where: { $0.name == name })
            {
                let value =
                    switch gap.field {
                    case "image":
                        gap.placeholder.value(
                            of: name, registry: configuration.registry.pushLocation,
                            image: onlyImage)
                    case "namespace": Optional(configuration.namespace.description)
                    default: String?.none
                    }
                values.append((name, value))
            }
        }
        return values
    }
}
