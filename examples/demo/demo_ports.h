// Which UDP port the demo receives on, so that two demos, or another program, are not in its way.
#pragma once

// A port that is free, with the one after it: RTP and RTCP. `wanted` itself, or, if it is 0, the
// first such pair from 5004 on. 0, with a message on stderr that names what is taken and the option
// to change it, if there is none.
int ChooseIngressPort(int wanted);
