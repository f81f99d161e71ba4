/** BFDProfile: timers of the BFD session beside a BGP session (RFC 5880). Undefined: the engine's default. */
export interface BfdProfile {
  readonly name: string;
  readonly receiveIntervalMs: number | undefined;
  readonly transmitIntervalMs: number | undefined;
  readonly detectMultiplier: number | undefined;
  readonly echoIntervalMs: number | undefined;
  readonly echoMode: boolean;
  readonly passiveMode: boolean;
  readonly minimumTtl: number | undefined;
  readonly generation: number;
}
