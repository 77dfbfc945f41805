#!/bin/sh
# Takes a stream of RTP once, and sends it to any number of receivers, each with its own retransmissions.
#
# usage: forward.sh PORT HOST:PORT...
#
# A viewer that loses packets asks for them here, and not at the sender; one that wants a key frame
# shares it with all that ask at the same time.
set -eu
[ $# -ge 2 ] || { sed -n 's/^# \(usage: \)/\1/p' "$0" >&2; exit 2; }
port=$1
shift
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

# For each receiver a transport, with picture and sound on one port.
pads='' branches='' index=0
for receiver in "$@"; do
  video=src_$((2 * index)) audio=src_$((2 * index + 1))
  pads="$pads $video::producer=sink_0 $audio::producer=sink_1"
  branches="$branches r.$video ! out$index.sink_0   r.$audio ! out$index.sink_1
    plaintransport name=out$index remote-address=${receiver%:*} remote-port=${receiver##*:}"
  index=$((index + 1))
done

# They are several words each.
# shellcheck disable=SC2086
exec gst-launch-1.0 -e sfurouter name=r $pads \
  plaintransport name=cam port="$port" rtcp-mux=false \
    src_0::caps="application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000" \
    src_1::caps="application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000" \
  cam.src_0 ! r.sink_0   cam.src_1 ! r.sink_1 $branches
