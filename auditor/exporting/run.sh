#!/bin/sh
# Runs the steps of this folder in order with @PROGRAM@, or takes them back.
#
#   ./run.sh                  run the steps that are not done
#   ./run.sh status           list the steps and what became of them
#   ./run.sh tick STEP        people have done a step that is done by hand
#   ./run.sh untick STEP      people have taken it back
#   ./run.sh rollback STEP    take back everything from the last step that was done to this one
#   ./run.sh rollback all     take back everything
#
@ABOUT@

set -u

TRIES=${TRIES:-@TRIES@}
PAUSE=${PAUSE:-@PAUSE@}
@SETTINGS@

folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
JOURNAL=${JOURNAL:-$folder/journal}
TAB=$(printf '\t')
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "run.sh: $*"
    exit 1
}

# Run a file.
client() {
    @CLIENT@
}

# The names of all steps, in order. They are made of small letters, digits and dashes.
steps() {
    for file in "$folder"/steps/*.@SUFFIX@; do
        name=${file##*/}
        printf '%s\n' "${name%.@SUFFIX@}"
    done
}

# The name of the step that the user means.
find_step() {
    found=$(steps | grep -e "^0*$1-" -e "^$1\$" | head -n 1)
    [ -n "$found" ] || fail "there is no step $1"
    printf '%s\n' "$found"
}

# What became of a step last: started, done, found (it was true before), ticked, undone, or nothing.
state_of() {
    [ -f "$JOURNAL" ] || return 0
    grep -e "$TAB$1\$" "$JOURNAL" | tail -n 1 | cut -f 2
}

record() {
    printf '%s\t%s\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$2" >>"$JOURNAL" || fail "cannot write $JOURNAL"
}

# One journal is for one @PLACE@: it begins with what tells it from all others.
check_place() {
    place=$(@IDENTIFY@) || fail "the @PLACE@ does not answer: $place"
    if [ ! -s "$JOURNAL" ]; then
        printf '# %s\n' "$place" >"$JOURNAL" || fail "cannot write $JOURNAL"
    elif [ "$(head -n 1 "$JOURNAL")" != "# $place" ]; then
        fail "$JOURNAL is of another @PLACE@: name another file by JOURNAL"
    fi
}

by_hand() {
    grep -q '^@MARK@ Done by: people$' "$folder/steps/$1.@SUFFIX@"
}

# Whether what a step makes is there. What it looks at may not be there yet: that is an answer, too.
is_done() {
    [ -f "$folder/done/$1.@SUFFIX@" ] && [ "$(client "$folder/done/$1.@SUFFIX@" 2>/dev/null)" = @TRUE@ ]
}

# Whether a step that was begun and not finished has left something behind.
has_begun() {
    is_done "$1" || grep -q '^@MARK@ Can be interrupted: ' "$folder/steps/$1.@SUFFIX@"
}

# Run a file, again when it got no lock.
run_file() {
    try=1
    while :; do
        client "$1" >"$log" 2>&1
        status=$?
        cat "$log" >&2
        [ "$status" -ne 0 ] || return 0
        if [ "$try" -ge "$TRIES" ] || ! grep -q @BUSY@ "$log"; then
            return 1
        fi
        try=$((try + 1))
        say "run.sh: no lock; try $try of $TRIES in $PAUSE s"
        sleep "$PAUSE"
    done
}

forward() {
    check_place
    for step in $(steps); do
        before=$(state_of "$step")
        case $before in
        done | found) continue ;;
        esac
        say "run.sh: $step"
        if by_hand "$step"; then
            [ "$before" = ticked ] || [ ! -f "$folder/before/$step.@SUFFIX@" ] || run_file "$folder/before/$step.@SUFFIX@" ||
                fail "not yet: see steps/$step.@SUFFIX@"
            [ "$before" = ticked ] || fail "people act first: see steps/$step.@SUFFIX@; when it is done: ./run.sh tick $step"
        elif is_done "$step"; then
            say "run.sh: done already"
            if [ "$before" = started ]; then record "done" "$step"; else record found "$step"; fi
            continue
        else
            record started "$step"
        fi
        run_file "$folder/steps/$step.@SUFFIX@" || fail "stopped at $step: see the notes at the head of steps/$step.@SUFFIX@"
        record "done" "$step"
    done
    say "run.sh: all steps are done"
}

rollback() {
    first=
    [ "$1" = all ] || first=$(find_step "$1") || exit 1
    check_place
    for step in $(steps | sort -r); do
        case $(state_of "$step") in
        done | ticked) due=yes ;;
        started)
            # A change that failed has left nothing behind; one whose answer was lost may have worked.
            due=
            ! has_begun "$step" || due=yes
            ;;
        *) due= ;;
        esac
        if [ -n "$due" ]; then
            say "run.sh: back from $step"
            run_file "$folder/rollback/$step.@SUFFIX@" || fail "stopped at $step"
            record undone "$step"
        fi
        [ "$step" != "$first" ] || break
    done
    say "run.sh: taken back"
}

tick() {
    step=$(find_step "$2") || exit 1
    by_hand "$step" || fail "$step is not done by people"
    check_place
    record "$1" "$step"
}

status() {
    for step in $(steps); do
        printf '%-8s %s\n' "$(state_of "$step")" "$step"
    done
}

case ${1:-forward}:$# in
forward:0 | forward:1) forward ;;
status:1) status ;;
tick:2) tick ticked "$2" ;;
untick:2) tick undone "$2" ;;
rollback:2) rollback "$2" ;;
*)
    sed -n '2,@LAST@s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
