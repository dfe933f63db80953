# Completion of dumpctl(1) for fish.

set -l verbs capture show decode diff view stats schema

# True while the verb is one of those named.
function __dumpctl_verb
    set -l words (commandline -opc)
    set -q words[2]; and contains -- $words[2] $argv
end

# True while there is no verb yet.
function __dumpctl_no_verb
    set -l words (commandline -opc)
    test (count $words) -eq 1
end

# True while `help` waits for its verb.
function __dumpctl_help
    set -l words (commandline -opc)
    test (count $words) -eq 2; and test $words[2] = help
end

# What `dumpctl schema` knows: the program itself says it.
function __dumpctl_types
    set -l words (commandline -opc)
    printf '%s\n' single dual degraded
    $words[1] schema --list --width=1000 --color=never 2>/dev/null | string replace -r ' +' \t
end

# Sections, and the maps of the files on the line.
function __dumpctl_sections
    set -l words (commandline -opc)
    $words[1] show --list-sections --width=1000 2>/dev/null | string replace -r ' +' \t
end

function __dumpctl_differing
    __dumpctl_sections | string match -rv '^findings\b'
    printf '%s\n' capture other
end

function __dumpctl_maps
    set -l words (commandline -opc)
    set -l files
    for word in $words[3..]
        test -f "$word"; and set -a files $word
    end
    set -q files[1]; and $words[1] show --list-maps $files 2>/dev/null
end

complete -c dumpctl -n '__dumpctl_no_verb' -f
complete -c dumpctl -n '__dumpctl_verb capture stats schema help' -f

complete -c dumpctl -n '__dumpctl_no_verb' -a capture -d 'Run a guest, freeze it, write a report'
complete -c dumpctl -n '__dumpctl_no_verb' -a show -d 'Print what a report says, the cause first'
complete -c dumpctl -n '__dumpctl_no_verb' -a decode -d 'Turn any report into one JSON shape for jq'
complete -c dumpctl -n '__dumpctl_no_verb' -a diff -d 'Compare reports by meaning'
complete -c dumpctl -n '__dumpctl_no_verb' -a view -d 'Look at the vCPUs of a report on a full screen'
complete -c dumpctl -n '__dumpctl_no_verb' -a stats -d 'Ask a running scheduler for its statistics'
complete -c dumpctl -n '__dumpctl_no_verb' -a schema -d 'Print the JSON Schema of a report or of a type'
complete -c dumpctl -n '__dumpctl_no_verb' -a help -d 'The verbs, or the options of one'
complete -c dumpctl -n '__dumpctl_help' -a "$verbs"
complete -c dumpctl -n '__dumpctl_no_verb' -s V -l version -d 'Show versions, and whether KVM is usable'
complete -c dumpctl -n '__dumpctl_no_verb' -s h -l help -d 'Show the verbs'
complete -c dumpctl -n '__dumpctl_no_verb' -l json -d 'Print JSON'

# What several verbs share
complete -c dumpctl -n '__dumpctl_verb capture show decode diff view stats schema' -s h -l help -d 'Show options and examples'
complete -c dumpctl -n '__dumpctl_verb capture show decode diff stats' -l json -d 'Print JSON, errors and notes too'
complete -c dumpctl -n '__dumpctl_verb show diff view stats schema' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c dumpctl -n '__dumpctl_verb show diff view stats schema' -l width -x -d 'Fold text to so many columns'
complete -c dumpctl -n '__dumpctl_verb show diff stats schema' -l no-pager -d 'Do not start a pager'
complete -c dumpctl -n '__dumpctl_verb show decode diff view' -l strict -d 'Refuse reports with unknown members'
complete -c dumpctl -n '__dumpctl_verb show decode diff view' -l assume-single -d 'Read reports of the oldest kind'
complete -c dumpctl -n '__dumpctl_verb show decode diff view' -l max-size -x -d 'Refuse larger inputs'
complete -c dumpctl -n '__dumpctl_verb show decode diff view' -l max-memory -x -d 'Memory for one document at most'
complete -c dumpctl -n '__dumpctl_verb capture decode' -s o -l output -r -F -d 'Where to write'
complete -c dumpctl -n '__dumpctl_verb capture decode show diff' -l force -d 'Replace the file where it exists'

# capture
complete -c dumpctl -n '__dumpctl_verb capture' -s g -l guest -r -F -a 'demo:stall demo:error demo:late-error demo:flip demo:relapse demo:clean demo:spin demo:storm demo:halt demo:uninit demo:crash demo:ask' -d 'What to run'
complete -c dumpctl -n '__dumpctl_verb capture' -s n -l vcpus -x -d 'How many vCPUs'
complete -c dumpctl -n '__dumpctl_verb capture' -s m -l memory -x -d 'Memory of the guest in MiB'
complete -c dumpctl -n '__dumpctl_verb capture' -s t -l trigger -x -a 'latch watchpoint exit-kind timer= none' -d 'What leads to the main report'
complete -c dumpctl -n '__dumpctl_verb capture' -l latch -x -d 'Where the latch is'
complete -c dumpctl -n '__dumpctl_verb capture' -l exit-kind -x -d 'Where the exit kind is'
complete -c dumpctl -n '__dumpctl_verb capture' -l poll -x -d 'Microseconds between two looks'
complete -c dumpctl -n '__dumpctl_verb capture' -l watch-by -x -a 'auto hardware slot poll' -d 'How memory is watched'
complete -c dumpctl -n '__dumpctl_verb capture' -l dual -d 'Take an early snapshot too'
complete -c dumpctl -n '__dumpctl_verb capture' -l watchdog -x -d 'Watchdog time of the guest in ms'
complete -c dumpctl -n '__dumpctl_verb capture' -l every -x -d 'Capture every so many ms'
complete -c dumpctl -n '__dumpctl_verb capture' -l count -x -d 'How many periodic captures'
complete -c dumpctl -n '__dumpctl_verb capture' -l control -r -F -d 'Serve a control socket'
complete -c dumpctl -n '__dumpctl_verb capture' -l stats -r -F -d 'Ask a scheduler for statistics'
complete -c dumpctl -n '__dumpctl_verb capture' -l stats-timeout -x -d 'Deadline of each question in ms'
complete -c dumpctl -n '__dumpctl_verb capture' -l after -x -a 'kill resume hold' -d 'What becomes of the guest'
complete -c dumpctl -n '__dumpctl_verb capture' -l timeout -x -d 'Deadline of the rendezvous in ms'
complete -c dumpctl -n '__dumpctl_verb capture' -l run-for -x -d 'End the run after so many ms'
complete -c dumpctl -n '__dumpctl_verb capture' -l full -d 'Read all that KVM gives of each vCPU'
complete -c dumpctl -n '__dumpctl_verb capture' -l dump -x -d 'Show guest memory in the report'
complete -c dumpctl -n '__dumpctl_verb capture' -l memory-image -r -F -d 'Write the memory as a core file'
complete -c dumpctl -n '__dumpctl_verb capture' -l no-realtime -d 'Do not raise priorities'
complete -c dumpctl -n '__dumpctl_verb capture' -l view -d 'Show the capture on a full screen'
complete -c dumpctl -n '__dumpctl_verb capture' -l inject -x -a 'stuck= fault= unreadable= late=' -d 'Cause a fault, for tests'

# show
complete -c dumpctl -n '__dumpctl_verb show' -s s -l short -d 'One line for each document'
complete -c dumpctl -n '__dumpctl_verb show' -s a -l all -d 'Every vCPU, row and byte'
complete -c dumpctl -n '__dumpctl_verb show' -s S -l section -x -a '(__dumpctl_sections)' -d 'These sections only'
complete -c dumpctl -n '__dumpctl_verb show' -l list-sections -d 'Names of the sections'
complete -c dumpctl -n '__dumpctl_verb show' -l list-maps -d 'Names of the maps in a report'
complete -c dumpctl -n '__dumpctl_verb show' -l vcpu -x -d 'These vCPUs only'
complete -c dumpctl -n '__dumpctl_verb show' -l cpu -x -d 'These CPUs only'
complete -c dumpctl -n '__dumpctl_verb show' -l map -x -a '(__dumpctl_maps)' -d 'Maps with such names only'
complete -c dumpctl -n '__dumpctl_verb show' -l task -x -d 'Tasks with such names only'
complete -c dumpctl -n '__dumpctl_verb show' -l exact -d 'Times in nanoseconds'
complete -c dumpctl -n '__dumpctl_verb show' -l symbols -r -F -d 'Name addresses by a System.map'
complete -c dumpctl -n '__dumpctl_verb show' -l html -r -F -d 'Write a page of HTML'

# decode
complete -c dumpctl -n '__dumpctl_verb decode' -s c -l check -d 'Report all faults of each file'
complete -c dumpctl -n '__dumpctl_verb decode' -l wire -d 'Write the canonical wire form'
complete -c dumpctl -n '__dumpctl_verb decode' -s p -l pretty -d 'Indent the output'
complete -c dumpctl -n '__dumpctl_verb decode' -l numbers -x -a 'safe exact' -d 'Integers beyond 2^53'

# diff
complete -c dumpctl -n '__dumpctl_verb diff' -s q -l brief -d 'One line where they differ'
complete -c dumpctl -n '__dumpctl_verb diff' -l phases -d 'Early against late'
complete -c dumpctl -n '__dumpctl_verb diff' -l stat -d 'How much differs in each section'
complete -c dumpctl -n '__dumpctl_verb diff' -s y -l side-by-side -d 'Values in two columns'
complete -c dumpctl -n '__dumpctl_verb diff' -l matrix -d 'Numbers of differences between all'
complete -c dumpctl -n '__dumpctl_verb diff' -l addresses -d 'Count addresses and registers'
complete -c dumpctl -n '__dumpctl_verb diff' -s a -l all -d 'Count every difference'
complete -c dumpctl -n '__dumpctl_verb diff' -l only -x -a '(__dumpctl_differing)' -d 'These sections only'
complete -c dumpctl -n '__dumpctl_verb diff' -l ignore -x -d 'Do not count what is at that path'
complete -c dumpctl -n '__dumpctl_verb diff' -l tolerance -x -d 'Numbers so near are the same'
complete -c dumpctl -n '__dumpctl_verb diff' -l symbols -r -F -d 'Name functions by a System.map'
complete -c dumpctl -n '__dumpctl_verb diff' -l format -x -a 'text json json-patch' -d 'Kind of output'
complete -c dumpctl -n '__dumpctl_verb diff' -l html -r -F -d 'Write a page of HTML'

# view
complete -c dumpctl -n '__dumpctl_verb view' -l once -d 'Print the screen as text and exit'
complete -c dumpctl -n '__dumpctl_verb view' -l size -x -d 'Size of that screen, WxH'
complete -c dumpctl -n '__dumpctl_verb view' -l keys -x -d 'Press these keys first'
complete -c dumpctl -n '__dumpctl_verb view' -l diff -d 'Look at two reports side by side'
complete -c dumpctl -n '__dumpctl_verb view' -l follow -d 'Show reports of the folder as they come'
complete -c dumpctl -n '__dumpctl_verb view' -l symbols -r -F -d 'Name addresses by a System.map'
complete -c dumpctl -n '__dumpctl_verb view' -l osc52 -d 'Let y fill the clipboard'

# stats
complete -c dumpctl -n '__dumpctl_verb stats' -s s -l socket -r -F -d 'The socket of the scheduler'
complete -c dumpctl -n '__dumpctl_verb stats' -s t -l target -x -a 'top sched_samples' -d 'Which statistics'
complete -c dumpctl -n '__dumpctl_verb stats' -l arg -x -d 'Send KEY=VALUE with the request'
complete -c dumpctl -n '__dumpctl_verb stats' -s m -l meta -d 'What the scheduler says about them too'
complete -c dumpctl -n '__dumpctl_verb stats' -s w -l watch -x -d 'Ask every so many seconds'
complete -c dumpctl -n '__dumpctl_verb stats' -s n -l count -x -d 'How many requests'
complete -c dumpctl -n '__dumpctl_verb stats' -l timeout -x -d 'Milliseconds for each answer'
complete -c dumpctl -n '__dumpctl_verb stats' -l max-reply -x -d 'Longest answer'
complete -c dumpctl -n '__dumpctl_verb stats' -l openmetrics -d 'Numbers as OpenMetrics text'
complete -c dumpctl -n '__dumpctl_verb stats' -l probe -d 'Say whether a scheduler answers'

# schema
complete -c dumpctl -n '__dumpctl_verb schema' -a '(__dumpctl_types)'
complete -c dumpctl -n '__dumpctl_verb schema' -s a -l all -d 'Of every document'
complete -c dumpctl -n '__dumpctl_verb schema' -s u -l uniform -d 'Of what decode prints'
complete -c dumpctl -n '__dumpctl_verb schema' -s l -l list -d 'List the types'
complete -c dumpctl -n '__dumpctl_verb schema' -s c -l compact -d 'No white space'
