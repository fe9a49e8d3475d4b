#!/bin/sh
# Runs the steps of this folder in order with psql, or takes them back.
#
#   ./run.sh                  run the steps that are not done
#   ./run.sh status           list the steps and what became of them
#   ./run.sh tick STEP        people have done a step that is done by hand
#   ./run.sh untick STEP      people have taken it back
#   ./run.sh rollback STEP    take back everything from the last step that was done to this one
#   ./run.sh rollback all     take back everything
#
# STEP is the number of a step, or the name of its file. How to connect, psql takes from its environment (PGHOST,
# PGDATABASE, PGSERVICE and so on). What has been done stands in the file named by JOURNAL; one journal is for one
# database. SKIP leaves out the first parts of the next step, when it stopped in the middle and says so.

set -u

TRIES=${TRIES:-@TRIES@}
PAUSE=${PAUSE:-@PAUSE@}
PSQL=${PSQL:-psql}
SKIP=${SKIP:-0}

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

# The names of all steps, in order. They are made of small letters, digits and dashes.
steps() {
    for file in "$folder"/steps/*.sql; do
        name=${file##*/}
        printf '%s\n' "${name%.sql}"
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

# One journal is for one database: it begins with the name of the database and the server's own number.
check_database() {
    database=$("$PSQL" -X -q -A -t -v ON_ERROR_STOP=1 -c \
        "SELECT format('%s %s', (SELECT system_identifier FROM pg_control_system()), quote_literal(current_database()))") ||
        fail "the database does not answer"
    if [ ! -s "$JOURNAL" ]; then
        printf '# %s\n' "$database" >"$JOURNAL" || fail "cannot write $JOURNAL"
    elif [ "$(head -n 1 "$JOURNAL")" != "# $database" ]; then
        fail "$JOURNAL is of another database: name another file by JOURNAL"
    fi
}

# Run a file, again when it got no lock. Arguments: the file, and whether people have done the step (on or off).
run_file() {
    try=1
    skip=$SKIP
    SKIP=0
    while :; do
        last=off
        [ "$try" -lt "$TRIES" ] || last=on
        "$PSQL" -X -q -A -t -v "last_try=$last" -v "skip=$skip" -v "ticked=$2" -f "$1" >"$log" 2>&1
        status=$?
        cat "$log" >&2
        [ "$status" -ne 0 ] || return 0
        skip=$((skip + $(grep -c '^auditor: part ' "$log")))
        if [ "$try" -ge "$TRIES" ] || ! grep -q -e 'ERROR:  55P03: ' -e 'ERROR:  40P01: ' "$log"; then
            [ "$skip" -eq 0 ] || say "run.sh: $skip of its parts are done: go on with SKIP=$skip"
            return 1
        fi
        try=$((try + 1))
        say "run.sh: no lock; try $try of $TRIES in $PAUSE s"
        sleep "$PAUSE"
    done
}

forward() {
    check_database
    for step in $(steps); do
        before=$(state_of "$step")
        ticked=off
        case $before in
        done | found) continue ;;
        ticked) ticked=on ;;
        *)
            # What people do starts when they say so.
            grep -q '^-- Done by: people$' "$folder/steps/$step.sql" || record started "$step"
            ;;
        esac
        say "run.sh: $step"
        run_file "$folder/steps/$step.sql" "$ticked" || fail "stopped at $step: see the notes at the head of steps/$step.sql"
        if grep -q '^auditor: done already$' "$log" && [ "$before" != started ]; then
            record found "$step"
        else
            record "done" "$step"
        fi
    done
    say "run.sh: all steps are done"
}

rollback() {
    first=
    [ "$1" = all ] || first=$(find_step "$1") || exit 1
    check_database
    for step in $(steps | sort -r); do
        case $(state_of "$step") in
        done | ticked) due=yes ;;
        started)
            # What stood in a transaction has left nothing behind.
            due=yes
            grep -q '^-- Transaction: none$' "$folder/rollback/$step.sql" || due=
            ;;
        *) due= ;;
        esac
        if [ -n "$due" ]; then
            say "run.sh: back from $step"
            run_file "$folder/rollback/$step.sql" off || fail "stopped at $step"
            record undone "$step"
        fi
        [ "$step" != "$first" ] || break
    done
    say "run.sh: taken back"
}

tick() {
    step=$(find_step "$2") || exit 1
    grep -q '^-- Done by: people$' "$folder/steps/$step.sql" || fail "$step is not done by people"
    check_database
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
    sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
