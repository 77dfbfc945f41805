#!/bin/sh
# Runs a command in a network of its own, which nothing leaves: loopback, and the address
# 192.0.2.1 (Firefox sends no media to 127.0.0.1). usage: in_network.sh COMMAND [ARG …]
set -e
user=''
[ "$(id -u)" -eq 0 ] || user=--map-root-user
# shellcheck disable=SC2086,SC2016
exec unshare $user --net sh -c '
  ip link set lo up
  ip link add sfu0 type veth peer name sfu1
  ip address add 192.0.2.1/24 dev sfu0
  ip link set sfu0 up
  ip link set sfu1 up
  ip route add default via 192.0.2.2
  exec "$@"' in_network "$@"
