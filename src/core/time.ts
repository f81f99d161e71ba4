declare const unit: unique symbol;

/** Milliseconds since the Unix epoch or a span of them; the core is handed the time, it never reads a clock. */
export type Millis = number & { readonly [unit]?: 'ms' };
