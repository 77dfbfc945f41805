#!/bin/sh
# A browser, OBS, or whatever speaks WHIP publishes at http://127.0.0.1:8080/, and is recorded.
# Others watch there meanwhile (WHEP).
#
# usage: publish.sh [FILE [HTTP_PORT]]      defaults: cam.mkv 8080
#
# The file ends with what is published, or with Ctrl-C. The pads decide what the browser sends: behind
# rtpvp8depay it is VP8.
set -eu
file=${1:-cam.mkv} http=${2:-8080}
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

exec gst-launch-1.0 -e sfuserver name=s address=127.0.0.1 port="$http" \
  matroskamux name=m offset-to-zero=true ! filesink location="$file" \
  s.src_0 ! rtpvp8depay ! m.   s.src_1 ! rtpopusdepay ! m.
