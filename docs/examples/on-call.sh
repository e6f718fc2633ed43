#!/bin/sh
# Hands the hat "On call" on, as a timer might every Monday: whoever wears it loses it, and one person gets it.
#
#     on-call.sh ROOM USER
#
# The environment is that of give-hats.sh. The hat has a URI of its own, so that its name may change.
set -eu

usage="usage: on-call.sh ROOM USER"
room=${1:?$usage}
user=${2:?$usage}
hat=https://example.org/hats/on-call

desk() {
  node=$1
  shift
  milliner exec "${DESK:?}" "$node" "room=$room" "$@" --as "${AS:?}" ${SERVICE:+--service "$SERVICE"} ${CA:+--ca "$CA"}
}

# Everybody else who wears it. In a pipe a row is a line below two of head: the wearer, then the hat. A page has 50 rows.
others() {
  after=
  while
    page=$(desk list-room-hats ${after:+"after=$after"}) || exit
    rows=$(printf '%s\n' "$page" | tail -n +3)
    [ -n "$rows" ]
  do
    printf '%s\n' "$rows" | awk -v hat="$hat" -v user="$user" '$2 == hat && $1 != user { print $1 }'
    after=$(printf '%s\n' "$rows" | awk 'END { print $1, $2 }')
  done
}

wearers=$(others)
if [ -n "$wearers" ]; then
  printf '%s\n' "$wearers" | desk remove-user-hat user=- "hat=$hat" "reason=handed on to $user"
fi
desk add-user-hat "user=$user" "hat=$hat" "title=On call" "reason=on call from today"
