#!/bin/sh
# What a pipeline makes, any browser watches (WHEP), at http://127.0.0.1:8080/. Here: a test picture
# and a tone; put your own sources in their place.
#
# usage: watch.sh [HTTP_PORT]      default: 8080
set -eu
http=${1:-8080}
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

# The encoder hears by itself when a viewer needs a key frame.
exec gst-launch-1.0 \
  videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=30/1 \
    ! vp8enc deadline=1 cpu-used=8 target-bitrate=1000000 ! rtpvp8pay ! s.sink_0 \
  audiotestsrc is-live=true wave=ticks ! opusenc ! rtpopuspay ! s.sink_1 \
  sfuserver name=s address=127.0.0.1 port="$http"
