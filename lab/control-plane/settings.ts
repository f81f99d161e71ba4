/** How a control plane is run; kept in its folder, so that another process can start its parts again. */
export interface ControlPlaneSettings {
  readonly bindAddress: string;
  readonly port: number;
  readonly adminToken: string;
  readonly lifetime: 'with-parent' | 'detached';
  readonly auditLog: boolean;
  readonly controllers: boolean;
  /** Reach webhooks at their pod's address instead of their Service's; needs a route to the pods. */
  readonly routeToPods: boolean;
  /** First one primary; one IPv4 and one IPv6 range. */
  readonly serviceCidrs: readonly string[];
  readonly extraApiserverFlags: readonly string[];
  readonly extraControllerManagerFlags: readonly string[];
  /** Environment of every program, such as the mark by which a lab finds its own. */
  readonly env: Readonly<Record<string, string>>;
}

/** The address under which clients reach the apiserver. */
export function urlOf(settings: ControlPlaneSettings): string {
  const host = settings.bindAddress.includes(':') ? `[${settings.bindAddress}]` : settings.bindAddress;
  return `https://${host}:${settings.port}`;
}
