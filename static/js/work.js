/* A worker that finds a number n for which SHA-256 of "token:n" begins with `bits` zero bits.
   The hash is written out here (FIPS 180-4), because the browser's own answers one promise at a time and is slower. */
"use strict";
var K = new Uint32Array(64), H0 = new Uint32Array(8);
(function () {
  // the constants are the fractions of the cube and square roots of the first primes
  var found = 0;
  for (var n = 2; found < 64; n++) {
    var isPrime = true;
    for (var d = 2; d * d <= n; d++) if (n % d === 0) { isPrime = false; break; }
    if (!isPrime) continue;
    if (found < 8) H0[found] = (Math.sqrt(n) % 1) * 4294967296;
    K[found++] = (Math.cbrt(n) % 1) * 4294967296;
  }
})();

var W = new Uint32Array(64);
function compress(state, block, offset) {
  var t, a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (t = 0; t < 16; t++) {
    var at = offset + t * 4;
    W[t] = (block[at] << 24) | (block[at + 1] << 16) | (block[at + 2] << 8) | block[at + 3];
  }
  for (t = 16; t < 64; t++) {
    var x = W[t - 15], y = W[t - 2];
    var s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    var s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[t] = (W[t - 16] + s0 + W[t - 7] + s1) | 0;
  }
  for (t = 0; t < 64; t++) {
    var S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    var one = (h + S1 + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
    var S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    var two = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

/* The first 32 bits of the SHA-256 of ASCII text. */
function head(text) {
  var length = text.length, blocks = ((length + 8) >> 6) + 1, bytes = new Uint8Array(blocks * 64), i;
  for (i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
  bytes[length] = 128;
  var bits = length * 8, end = bytes.length;
  bytes[end - 1] = bits; bytes[end - 2] = bits >>> 8; bytes[end - 3] = bits >>> 16;
  var state = new Uint32Array(H0);
  for (i = 0; i < blocks; i++) compress(state, bytes, i * 64);
  return state[0];
}

self.onmessage = function (message) {
  var prefix = message.data.token + ":", shift = 32 - message.data.bits, n = 0;
  while (head(prefix + n) >>> shift !== 0) n++;
  self.postMessage(String(n));
};
