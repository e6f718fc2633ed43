#!/bin/sh
# Gives one hat to everybody in a list, a JID a line, all of them or nobody, and shows who wears what afterwards:
#
#     give-hats.sh ROOM TITLE < people.txt
#
# DESK is the bot's full JID, AS the account that asks; its password is in MILLINER_PASSWORD. SERVICE and CA are what
# `milliner exec` takes as --service and --ca, where they are needed.
set -eu

usage="usage: give-hats.sh ROOM TITLE < people.txt"
room=${1:?$usage}
title=${2:?$usage}

desk() {
  node=$1
  shift
  milliner exec "${DESK:?}" "$node" "room=$room" "$@" --as "${AS:?}" ${SERVICE:+--service "$SERVICE"} ${CA:+--ca "$CA"}
}

desk add-user-hat user=- "title=$title" || {
  status=$?
  case $status in
    1) echo "Nobody got the hat; the desk said why." >&2 ;;
    3) echo "The desk could not be asked; it is safe to try again." >&2 ;;
  esac
  exit $status
}
desk list-room-hats
