# Says how redis-cli reaches the server that URL names in the environment, and target-cli the one that TARGET_URL names.
# Passwords stand in no list of processes.

decoded() {
    local text=${1//\\/\\\\}
    printf '%b' "${text//%/\\x}"
}

# Read a URL into the array options, and its password.
read_url() {
    local rest=$1 scheme=${1%%://*} query='' login='' path='' pair value
    options=() password=''
    rest=${rest#*://}
    case $rest in *\?*) query=${rest#*\?} rest=${rest%%\?*} ;; esac
    case $rest in *@*) login=${rest%@*} rest=${rest##*@} ;; esac
    case $login in
    *:*)
        password=$(decoded "${login#*:}")
        [ "${login%%:*}" = '' ] || options+=(--user "$(decoded "${login%%:*}")")
        ;;
    *) password=$(decoded "$login") ;;
    esac
    case $scheme in
    *sentinel) echo 'Name the primary itself in the URL: redis-cli does not ask sentinels.' >&2 && return 2 ;;
    *unix) options+=(-s "$(decoded "$rest")") ;;
    redis | valkey | rediss | valkeys)
        case $rest in */*) path=${rest#*/} rest=${rest%%/*} ;; esac
        case $rest in
        \[*\]:* | [!\[]*:*) options+=(-p "${rest##*:}") rest=${rest%:*} ;;
        esac
        rest=${rest#\[}
        options+=(-h "${rest%\]}")
        [ "$path" = '' ] || options+=(-n "$path")
        ;;
    *) echo 'Say where the server is: URL=redis://user:password@host:6379/' >&2 && return 2 ;;
    esac
    case $scheme in rediss | valkeys) options+=(--tls) ;; esac
    while [ "$query" != '' ]; do
        pair=${query%%&*} query=${query#"$pair"} query=${query#&}
        value=$(decoded "${pair#*=}")
        case ${pair%%=*} in
        db) options+=(-n "$value") ;;
        tlsCaFile | ssl_ca_certs) options+=(--cacert "$value") ;;
        tlsCertFile | ssl_certfile) options+=(--cert "$value") ;;
        tlsKeyFile | ssl_keyfile) options+=(--key "$value") ;;
        tlsInsecure) case $value in true | yes | 1) options+=(--insecure) ;; esac ;;
        esac
    done
}

# Run the program with a password in its environment, if there is one.
reach() {
    local secret=$1
    shift
    if [ "$secret" != '' ]; then
        REDISCLI_AUTH=$secret command "${REDIS_CLI:-redis-cli}" -e --no-auth-warning "$@"
    else
        command "${REDIS_CLI:-redis-cli}" -e "$@"
    fi
}

read_url "${URL:-}" || exit
url_options=("${options[@]}") url_password=$password
redis-cli() {
    reach "$url_password" "${url_options[@]}" "$@"
}

target_options=() target_password=''
if [ "${TARGET_URL:-}" != '' ]; then
    read_url "$TARGET_URL" || exit
    target_options=("${options[@]}") target_password=$password
fi
target-cli() {
    [ "${#target_options[@]}" != 0 ] || { echo 'Say where the other server is: TARGET_URL=redis://…' >&2 && return 2; }
    reach "$target_password" "${target_options[@]}" "$@"
}
