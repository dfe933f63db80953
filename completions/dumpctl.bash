# Completion of dumpctl(1) for bash. Needs nothing but bash itself.
# shellcheck shell=bash

# What dumpctl VERB takes: options with a value end in '='.
_dumpctl_options() {
    local input='--strict --assume-single --max-size= --max-memory='
    local text='--color= --width='
    case $1 in
    capture)
        echo '-g --guest= -n --vcpus= -m --memory= -t --trigger= --latch= --exit-kind= --poll=' \
            '--watch-by= --dual --watchdog= --every= --count= --control= --stats= --stats-timeout=' \
            '--after= --timeout=' \
            '--run-for= --full --dump= --memory-image=' \
            '-o --output= --force --no-realtime --inject= --view --json -h --help'
        ;;
    show)
        echo "$input $text --no-pager -s --short -a --all -S --section= --list-sections --list-maps" \
            '--vcpu= --cpu= --map= --task= --exact --symbols= --html= --force --json -h --help'
        ;;
    decode)
        echo "$input -c --check --wire -p --pretty --numbers= -o --output= --force --json -h --help"
        ;;
    diff)
        echo "$input $text --no-pager -q --brief --stat -y --side-by-side --phases --matrix" \
            '--addresses -a --all --only= --ignore= --tolerance= --symbols= --format= --html=' \
            '--force --json -h --help'
        ;;
    view) echo "$input $text --once --size= --keys= --diff --follow --symbols= --osc52 -h --help" ;;
    stats)
        echo '-s --socket= -t --target= --arg= -m --meta -w --watch= -n --count= --timeout=' \
            "--max-reply= --openmetrics --probe $text --no-pager --json -h --help"
        ;;
    schema)
        echo "$text --no-pager -a --all -u --uniform -l --list -c --compact -h --help"
        ;;
    '') echo '-V --version -h --help --json' ;;
    esac
}

# The words that may follow an option of a verb; FILES for a file, NONE for a value that
# nobody can guess. Nothing where the option takes no value.
_dumpctl_values() {
    case $1:$2 in
    capture:-g | capture:--guest) echo 'demo:stall demo:error demo:late-error demo:flip demo:relapse demo:clean demo:spin demo:storm demo:halt demo:uninit demo:crash demo:ask FILES' ;;
    capture:-t | capture:--trigger) echo 'latch watchpoint exit-kind timer= none' ;;
    capture:--watch-by) echo 'auto hardware slot poll' ;;
    capture:--after) echo 'kill resume hold' ;;
    capture:--latch | capture:--exit-kind | capture:--poll | capture:--watchdog) echo 'NONE' ;;
    capture:--every | capture:--count) echo 'NONE' ;;
    capture:--control | capture:--stats) echo 'FILES' ;;
    capture:--inject) echo 'stuck= fault= unreadable= late=' ;;
    decode:--numbers) echo 'safe exact' ;;
    show:--color | diff:--color | view:--color | stats:--color | schema:--color) echo 'auto always never' ;;
    capture:-o | capture:--output | decode:-o | decode:--output) echo 'FILES' ;;
    capture:-n | capture:--vcpus | capture:-m | capture:--memory) echo 'NONE' ;;
    capture:--timeout | capture:--stats-timeout | capture:--run-for | capture:--dump) echo 'NONE' ;;
    capture:--memory-image) echo 'FILES' ;;
    stats:-s | stats:--socket) echo 'FILES' ;;
    stats:-t | stats:--target) echo 'top sched_samples' ;;
    stats:--arg | stats:-w | stats:--watch | stats:-n | stats:--count) echo 'NONE' ;;
    stats:--timeout | stats:--max-reply) echo 'NONE' ;;
    view:--size | view:--keys) echo 'NONE' ;;
    show:-S | show:--section) _dumpctl_sections "$3" ;;
    show:--map) _dumpctl_maps "$3" "$4" ;;
    show:--symbols | show:--html | diff:--symbols | diff:--html | view:--symbols) echo 'FILES' ;;
    show:--vcpu | show:--cpu | show:--task | diff:--ignore | diff:--tolerance) echo 'NONE' ;;
    diff:--only) _dumpctl_differing "$3" ;;
    diff:--format) echo 'text json json-patch' ;;
    *:--width | *:--max-size | *:--max-memory) echo 'NONE' ;;
    esac
}

# The sections that `dumpctl show` has: the program itself says them.
_dumpctl_sections() { # PROGRAM
    local name rest
    "$1" show --list-sections --width=1000 2>/dev/null </dev/null |
        while read -r name rest; do echo "$name"; done
}

# Those that `dumpctl diff` compares: findings are computed, two more are no sections of show.
_dumpctl_differing() { # PROGRAM
    local name
    _dumpctl_sections "$1" | while read -r name; do
        if [[ $name != findings ]]; then echo "$name"; fi
    done
    echo 'capture other'
}

# The maps of the files on the line; nothing where there is no file yet.
_dumpctl_maps() { # PROGRAM WORDS
    local word files=()
    for word in $2; do
        if [[ $word != -* && -f $word ]]; then files+=("$word"); fi
    done
    echo 'NONE'
    if [[ ${#files[@]} -gt 0 ]]; then
        "$1" show --list-maps "${files[@]}" 2>/dev/null </dev/null
    fi
}

# The types that `dumpctl schema` knows: the program itself says them.
_dumpctl_types() { # PROGRAM
    local name rest
    echo 'single dual degraded'
    "$1" schema --list --width=1000 --color=never 2>/dev/null </dev/null |
        while read -r name rest; do echo "$name"; done
}

# Offers those of WORDS that begin with what is being typed. bash takes '=' and ':' for ends
# of words where COMP_WORDBREAKS has them, and wants only what comes behind the last one.
_dumpctl_offer() { # TYPED WORDS
    local typed=$1 words=$2 broken='' word i
    for ((i = ${#typed} - 1; i >= 0; i--)); do
        if [[ ${typed:i:1} == [=:] && $COMP_WORDBREAKS == *"${typed:i:1}"* ]]; then
            broken=${typed:0:i+1}
            break
        fi
    done
    for word in $words; do
        if [[ $word == "$typed"* ]]; then COMPREPLY+=("${word#"$broken"}"); fi
    done
    # Behind "--guest=" and "timer=" the value follows without a blank.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

# Offers VALUES for what is typed; PREFIX is what stands before it in the same word.
_dumpctl_offer_values() { # PREFIX TYPED VALUES
    local prefix=$1 typed=$2 value words=''
    for value in $3; do
        case $value in
        FILES | NONE) ;;
        *) words+=" $prefix$value" ;;
        esac
    done
    _dumpctl_offer "$prefix$typed" "$words"
    # Where nothing is offered, bash offers files: not for numbers and fixed words.
    if [[ " $3 " != *' FILES '* ]]; then compopt +o default +o bashdefault 2>/dev/null; fi
}

_dumpctl() {
    local line=${COMP_LINE:0:COMP_POINT} words typed previous='' verb='' word ended='' values program
    COMPREPLY=()
    read -ra words <<<"$line"
    if [[ $line == *[[:space:]] ]]; then words+=(''); fi
    typed=${words[${#words[@]} - 1]}
    program=${words[0]}
    words=("${words[@]:1:${#words[@]}-2}") # between dumpctl and what is typed
    for word in "${words[@]}"; do
        if [[ $word == -- ]]; then ended=yes; fi
        previous=$word
    done
    verb=${words[0]-}

    if [[ ${#words[@]} -eq 0 ]]; then
        if [[ $typed == -* ]]; then
            _dumpctl_offer "$typed" "$(_dumpctl_options '')"
        else
            _dumpctl_offer "$typed" 'capture show decode diff view stats schema help'
            compopt +o default +o bashdefault 2>/dev/null
        fi
        return
    fi
    if [[ $verb == help ]]; then
        if [[ ${#words[@]} -eq 1 ]]; then
            _dumpctl_offer "$typed" 'capture show decode diff view stats schema'
        fi
        compopt +o default +o bashdefault 2>/dev/null
        return
    fi
    if [[ -n $ended ]]; then return; fi
    values=$(_dumpctl_values "$verb" "$previous" "$program" "${words[*]}")
    if [[ -n $values ]]; then
        _dumpctl_offer_values '' "$typed" "$values"
    elif [[ $typed == --*=* ]]; then
        values=$(_dumpctl_values "$verb" "${typed%%=*}" "$program" "${words[*]}")
        _dumpctl_offer_values "${typed%%=*}=" "${typed#*=}" "${values:-NONE}"
    elif [[ $typed == -* ]]; then
        case $verb in
        -*) verb='' ;; # options before a verb: those of dumpctl itself
        esac
        _dumpctl_offer "$typed" "$(_dumpctl_options "$verb")"
    elif [[ $verb == schema ]]; then
        _dumpctl_offer "$typed" "$(_dumpctl_types "$program")"
        compopt +o default +o bashdefault 2>/dev/null
    elif [[ $verb == capture || $verb == -* ]]; then
        compopt +o default +o bashdefault 2>/dev/null # takes no files
    fi
}

complete -o bashdefault -o default -F _dumpctl dumpctl
