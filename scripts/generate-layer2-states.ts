/** Draws docs/operate/layer2-states.md from the transition table that the claim machine itself obeys. */
import { writeFileSync } from 'node:fs';
import { answers, type ClaimEvent, type Phase, SILENT, TRANSITIONS } from '../src/core/l2/claim.ts';

const PAGE = new URL('../docs/operate/layer2-states.md', import.meta.url);

const idOf = (phase: Phase): string => phase.replaceAll('-', '_');
const phases = Object.keys(TRANSITIONS) as Phase[];

/** Events by the pair of phases that they lead between; where a phase stays as it is there is no arrow. */
const arrows = new Map<string, ClaimEvent['kind'][]>();
for (const from of phases) {
  for (const [event, targets] of Object.entries(TRANSITIONS[from]) as [ClaimEvent['kind'], readonly Phase[]][]) {
    for (const to of targets) {
      if (to === from) continue;
      const arrow = `${idOf(from)} --> ${idOf(to)}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), event]);
    }
  }
}

const lines = [
  ...phases.map((phase) => `  state "${phase}" as ${idOf(phase)}`),
  `  [*] --> ${idOf('silent')}`,
  ...[...arrows].map(([arrow, events]) => `  ${arrow}: ${events.join(', ')}`),
];

const answering = phases.filter((phase) => answers({ ...SILENT, phase })).map((phase) => `\`${phase}\``);

writeFileSync(
  PAGE,
  `# States of an address on one node

Made by \`make generate\` from \`src/core/l2/claim.ts\`. What each state and event means is said there; what an operator sees of them is in [layer2.md](layer2.md).

\`\`\`mermaid
stateDiagram-v2
${lines.join('\n')}
\`\`\`

A node answers questions for the address in ${answering.slice(0, -1).join(', ')} and ${answering.at(-1)}, and in no other state.
`,
);
