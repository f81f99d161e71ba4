/** Measured with both cores of a machine saturated, the longest gap between beats of a worker thread was 124 ms. */
export const BEAT_EVERY_MS = 50;
