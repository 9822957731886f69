extension CommandParser {
    /// The script that a shell loads to complete this program's command lines.
    ///
    /// It only calls `PROGRAM __complete WORDS…` and shows what comes back.
    public func completionScript(for shell: Shell) -> String {
        let name = root.specification.name
        let function = "_" + name.map { $0.isLetter || $0.isNumber ? $0 : "_" }
        let template =
            switch shell {
            case .bash: bashCompletion
            case .zsh: zshCompletion
            case .fish: fishCompletion
            }
        return template.split(separator: "@FUNCTION@", omittingEmptySubsequences: false)
            .joined(separator: function)
            .split(separator: "@PROGRAM@", omittingEmptySubsequences: false)
            .joined(separator: name)
    }
}

/// Runs in bash 3.2 and needs no bash-completion.
private let bashCompletion = #"""
    # bash completion for @PROGRAM@; load it with: eval "$(@PROGRAM@ completion bash)"

    @FUNCTION@() {
        local line=${COMP_LINE:0:COMP_POINT} rest word index last=-1
        local -a words=()
        # Bash splits words at ':' and '=', too; put together again what has no blank in between.
        for ((index = 0; index <= COMP_CWORD; index++)); do
            rest=${line#"${line%%[![:space:]]*}"}
            word=${COMP_WORDS[index]}
            if ((index == COMP_CWORD)); then word=$rest; fi
            if ((last >= 0)) && [[ $rest == "$line" ]]; then
                words[last]+=$word
            else
                words[++last]=$word
            fi
            line=${rest#"$word"}
        done

        local current=${words[last]} kept='' format='%q' breaks=${COMP_WORDBREAKS//[!:=@]/}
        if [[ $current == [\"\']* ]]; then
            # Inside quotes nothing splits words, and nothing needs quoting.
            words[last]=${current:1} format='%s'
        elif [[ -n $breaks && $current == *[$breaks]* ]]; then
            # Readline replaces only what follows the last ':' or '=', or begins with the last '@'.
            kept=${current%"${current##*[$breaks]}"}
            kept=${kept%@}
        fi
        current=${words[last]}
        local candidate paths=''
        COMPREPLY=()
        while IFS= read -r candidate; do
            if [[ -z $paths ]]; then
                paths=$candidate
                continue
            fi
            candidate=${candidate%%$'\t'*}
            COMPREPLY+=("$(printf "$format" "${candidate#"$kept"}")")
        done < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null)

        local kind=''
        case $paths in
        :files) kind=file ;;
        :directories) kind=directory ;;
        *) return 0 ;;
        esac
        local path=$current option=''
        if [[ $current == -*=* ]]; then
            option=${current%%=*}=
            path=${current#*=}
        fi
        # Bash 3.2 has no compopt, and adds a blank after folders.
        type compopt &>/dev/null && compopt -o filenames 2>/dev/null
        while IFS= read -r candidate; do
            candidate=$option$candidate
            COMPREPLY+=("${candidate#"$kept"}")
        done < <(compgen -A "$kind" -- "${path/#\~\//$HOME/}")
    }

    complete -F @FUNCTION@ @PROGRAM@

    """#

private let zshCompletion = #"""
    #compdef @PROGRAM@
    # zsh completion for @PROGRAM@; load it with: source <(@PROGRAM@ completion zsh)

    @FUNCTION@() {
        local -a arguments lines candidates
        arguments=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
        lines=("${(@f)$(${(Q)~words[1]} __complete "${(@)arguments}" 2>/dev/null)}")
        local line value
        for line in "${(@)lines[2,-1]}"; do
            value=${line%%$'\t'*}
            if [[ $line == *$'\t'* ]]; then
                candidates+=("${value//:/\\:}:${line#*$'\t'}")
            else
                candidates+=("${value//:/\\:}")
            fi
        done
        case $lines[1] in
        :files | :directories)
            if [[ $PREFIX == -*=* ]]; then
                IPREFIX+=${PREFIX%%=*}=
                PREFIX=${PREFIX#*=}
            fi
            if [[ $lines[1] == :files ]]; then _files; else _files -/; fi
            ;;
        *)
            (($#candidates)) && _describe '@PROGRAM@' candidates
            ;;
        esac
    }

    if [[ $funcstack[1] == @FUNCTION@ ]]; then
        @FUNCTION@ "$@"
    else
        compdef @FUNCTION@ @PROGRAM@
    fi

    """#

private let fishCompletion = #"""
    # fish completion for @PROGRAM@; load it with: @PROGRAM@ completion fish | source

    function @FUNCTION@
        set -l words (commandline -opc)
        set -l current (string replace -r '^["\']' '' -- (commandline -ct))
        set -l program (string replace -r '^~/' $HOME/ -- $words[1])
        set -l lines ($program __complete $words[2..-1] "$current" 2>/dev/null)
        set -l option (string match -r '^-[^=]*=' -- $current)
        set -l path (string replace -r '^-[^=]*=' '' -- $current)
        set -l expanded (string replace -r '^~/' $HOME/ -- $path)
        set -l paths
        switch "$lines[1]"
            case :files
                set paths (__fish_complete_path $expanded)
            case :directories
                set paths (__fish_complete_directories $expanded '')
            case '*'
                string collect -- $lines[2..-1]
        end
        for candidate in $paths
            test "$path" = "$expanded"
            or set candidate (string replace -- $HOME/ '~/' $candidate)
            echo "$option"$candidate
        end
    end

    complete -c @PROGRAM@ -f -k -a '(@FUNCTION@)'

    """#
