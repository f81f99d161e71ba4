/** Which Services that hold addresses each AddressPolicy matches, kept up to date claim by claim. */
import type { ServiceRequest } from '../core/config/service-request.ts';
import { policyMatches } from '../core/policy/rules.ts';
import type { World } from '../core/policy/world.ts';

const none: ReadonlySet<string> = new Set();

export class PolicyMembers {
  readonly #policiesOf = new Map<string, readonly string[]>();
  readonly #members = new Map<string, Set<string>>();

  /** Keys of the Services that a policy matches. */
  of(policy: string): ReadonlySet<string> {
    return this.#members.get(policy) ?? none;
  }

  /** A Service holds addresses now. Gives the policies whose members or their addresses may have changed. */
  set(request: ServiceRequest, world: World): readonly string[] {
    const before = this.delete(request.key);
    const policies = world.configuration.policies.filter((policy) => policyMatches(policy, request, world));
    const names = policies.map(({ name }) => name);
    this.#policiesOf.set(request.key, names);
    for (const name of names) {
      const members = this.#members.get(name);
      if (members === undefined) this.#members.set(name, new Set([request.key]));
      else members.add(request.key);
    }
    return [...new Set([...before, ...names])];
  }

  /** A Service holds nothing any more. Gives the policies that had it. */
  delete(key: string): readonly string[] {
    const names = this.#policiesOf.get(key) ?? [];
    this.#policiesOf.delete(key);
    for (const name of names) this.#members.get(name)?.delete(key);
    return names;
  }

  clear(): void {
    this.#policiesOf.clear();
    this.#members.clear();
  }
}
