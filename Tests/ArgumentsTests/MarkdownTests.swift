import Arguments
import Testing

@Suite struct `The reference` {
    @Test func `describes every visible command, shared options once`() {
        #expect(
            sample.markdown()
                == #"""
                <!-- Generated from the command definitions; do not edit. -->

                # sample commands

                ## sample

                Run local clusters.

                ```
                sample [options] <command>
                ```

                Everything happens on this machine. A cluster is a few containers, an image is built once and loaded into all of them.

                    $ sample up

                That is all.

                **Options**

                - `--version`: Show the version
                - `-h, --help`: Show this help

                **Global options**

                - `--json`: Print JSON instead of text
                - `-v, --verbose`: Show what is run (repeatable)
                - `-c, --cluster <CLUSTER>`: Cluster to use

                **Subcommands**

                - [`status, st`](#sample-status): Show the cluster

                **Image commands**

                - [`image`](#sample-image): Work with images

                ## sample status

                Show the cluster.

                ```
                sample status [options] [<NODE>] [-- <WORD>...]
                ```

                **Arguments**

                - `<NODE>`: Node to ask
                - `<WORD>...`: Command to run there

                **Options**

                - `--deadline <DEADLINE>`: How long to wait (default: 30s)

                Also takes the [global options](#sample).

                ## sample image

                Work with images.

                ```
                sample image [options] <command>
                ```

                **Subcommands**

                - [`load, ld`](#sample-image-load): Load images into the nodes
                - [`copy`](#sample-image-copy): Copy an image

                Also takes the [global options](#sample).

                ## sample image load

                Load images into the nodes.

                ```
                sample image load [options] <IMAGE>...
                ```

                **Arguments**

                - `<IMAGE>...`: Images

                **Options**

                - `--unique-tag`: Give the image a tag of its own, so that a rollout notices the change
                - `--[no-]switch`: Switch the workload over
                - `--[no-]wait`: Wait for the nodes (default: on)
                - `-q, --quiet`: Say nothing
                - `-n, --namespace <NAME>`: Namespace
                - `--pull <PULL>`: When to pull (values: always, never, if-missing; default: always)
                - `--port <PORT>`: Port of the registry (default: 5001)
                - `--label <LABEL>`: Label to add (repeatable)
                - `--context <CONTEXT>`: Folder to build

                **Examples**

                ```sh
                # load one image
                sample image load demo:dev

                # so that a rollout sees it
                sample image load --unique-tag demo:dev
                ```

                Also takes the [global options](#sample).

                ## sample image copy

                Copy an image.

                ```
                sample image copy [options] --registry <REGISTRY> <SOURCE> [<TARGET>]
                ```

                **Arguments**

                - `<SOURCE>`: Where from
                - `<TARGET>`: Where to

                **Options**

                - `--registry <REGISTRY>`: Registry to copy to

                Also takes the [global options](#sample).

                """#)
    }

    @Test func `takes nothing in a help text for markup`() {
        let text = CommandParser(root: Starry.self, version: "").markdown()
        #expect(text.contains(#"## starry\#n\#nRun \*all\* of \<x> \| \`y\`."#))
    }
}

private struct Starry: ParsableCommand {
    static let specification = CommandSpecification(
        name: "starry", summary: "Run *all* of <x> | `y`")
}
