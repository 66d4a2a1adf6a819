# fish completion for crudctl: the program itself knows its commands, options and profiles.
function __crudctl_complete
    set -l words (commandline -opc)
    $words[1] __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c crudctl -f -n 'test -n "$(__crudctl_complete)"' -a '(__crudctl_complete)'
