#!/bin/sh
# Makes H.264 of VP8, as a second Producer of the same room: those who can take the one or the other.
#
# usage: transcode.sh [FILE [PORT]]      defaults: h264.mkv 5004
#
# Here the second one is recorded, and the first one goes on as it came, to port 6000.
set -eu
file=${1:-h264.mkv} port=${2:-5004}
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

# The encoder's result comes back by a second face of the Router, which has the same name: so the
# pipeline has no loop.
exec gst-launch-1.0 -e sfurouter name=r router=room \
  plaintransport name=cam port="$port" rtcp-mux=false \
    src_0::caps="application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000" \
  cam.src_0 ! r.sink_0 \
  r.src_0 ! rtpvp8depay ! vp8dec ! videoconvert \
    ! x264enc tune=zerolatency speed-preset=veryfast key-int-max=60 ! rtph264pay config-interval=-1 ! back.sink_0 \
  sfurouter name=back router=room \
  back.src_0 ! rtph264depay ! h264parse ! matroskamux offset-to-zero=true ! filesink location="$file" \
  r.src_1 ! out.sink_0   plaintransport name=out remote-address=127.0.0.1 remote-port=6000
