#!/bin/sh
# Plays a file (WebM or Matroska with VP8 and Opus) to browsers (WHEP), at its own pace.
#
# usage: play.sh FILE [HTTP_PORT]      default: 8080
#
# For H.264: "h264parse config-interval=-1 ! rtph264pay" in place of rtpvp8pay.
set -eu
[ $# -ge 1 ] || { sed -n 's/^# \(usage: \)/\1/p' "$0" >&2; exit 2; }
file=$1 http=${2:-8080}
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

exec gst-launch-1.0 filesrc location="$file" ! matroskademux name=d \
  d.video_0 ! queue ! rtpvp8pay ! s.sink_0   d.audio_0 ! queue ! rtpopuspay ! s.sink_1 \
  sfuserver name=s address=127.0.0.1 port="$http"
