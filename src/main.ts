/** The `berth` command: picks a role and hands it its options. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { NAMESPACE } from './core/api/names.ts';

/** Loaded when asked for: a speaker never pays for the webhook's libraries. */
const roles = {
  controller: () => import('./main/controller.ts'),
  speaker: () => import('./main/speaker.ts'),
  plan: () => import('./main/plan.ts'),
};

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('expected a port number from 0 to 65535');
  return value;
}

const kubeconfig = (): Option =>
  new Option('--kubeconfig <file>', 'how to reach the cluster; inside a pod its service account is used').env(
    'KUBECONFIG',
  );
const namespace = (): Option =>
  new Option('--namespace <name>', "Berth's own namespace, where pools and policies live")
    .env('POD_NAMESPACE')
    .default(NAMESPACE);
const healthPort = (): Option =>
  new Option('--health-port <port>', 'port of /livez, /readyz and /metrics').argParser(port).default(7472);
const logLevel = (): Option =>
  new Option('--log-level <level>', 'least severe line that is logged')
    .choices(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info');
const loadBalancerClass = (): Option =>
  new Option(
    '--lb-class <class>',
    'serve Services whose spec.loadBalancerClass is this; without it those that name no class',
  );

const program = new Command('berth')
  .description('LoadBalancer Services for bare-metal Kubernetes, run through git')
  .showHelpAfterError();

program
  .command('controller')
  .description('answer admission and, holding the Lease, fill addresses in')
  .addOption(kubeconfig())
  .addOption(namespace())
  .addOption(healthPort())
  .addOption(logLevel())
  .addOption(loadBalancerClass())
  .option('--assign-lb-class', 'give new LoadBalancer Services without a class the class of --lb-class')
  .addOption(new Option('--webhook-port <port>', 'port of the webhooks').argParser(port).default(9443))
  .option('--webhook-url <url>', 'where the apiserver reaches the webhooks, if not through their Service')
  .option('--webhook-cert-dir <folder>', 'serve tls.crt and tls.key of this folder instead of making certificates')
  .addOption(
    new Option('--identity <name>', 'name of this replica in the Lease; the pod or host where absent').env('POD_NAME'),
  )
  .action(async (options) => (await roles.controller()).runController(options));

program
  .command('speaker')
  .description('announce the addresses of this node')
  .addOption(kubeconfig())
  .addOption(namespace())
  .addOption(healthPort())
  .addOption(logLevel())
  .addOption(loadBalancerClass())
  .addOption(
    new Option('--node <name>', 'the node that this speaker speaks for').env('NODE_NAME').makeOptionMandatory(),
  )
  .addOption(
    new Option('--state-dir <folder>', 'keep here what a restart needs while the apiserver is away').env('STATE_DIR'),
  )
  .action(async (options) => (await roles.speaker()).runSpeakerRole(options));

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];
function familyList(text: string): readonly ('IPv4' | 'IPv6')[] {
  const known = {
    IPv4: ['IPv4'],
    IPv6: ['IPv6'],
    'IPv4,IPv6': ['IPv4', 'IPv6'],
    'IPv6,IPv4': ['IPv6', 'IPv4'],
  } as const;
  const found = Object.entries(known).find(([name]) => name === text)?.[1];
  if (found === undefined) throw new InvalidArgumentError(`expected one of ${Object.keys(known).join(' | ')}`);
  return found;
}

program
  .command('plan')
  .description(
    'say what the cluster will do with manifests: pool, address and reason of each Service, refusals, losses',
  )
  .option('-f, --filename <file>', 'manifests: a file, a folder or - (repeatable)', several, [])
  .option('-k, --kustomize <folder>', 'a kustomization, built by kubectl (repeatable)', several, [])
  .option('--flux <folder>', 'a Flux tree: its Kustomizations are followed (repeatable)', several, [])
  .option(
    '--against <what>',
    'a git commit, "cluster", or a state file (a commit and one of the others together)',
    several,
    [],
  )
  .option('--prune', 'what the manifests lack is deleted, not only what the commit of --against had')
  .option('--strict', 'exit with 2 for warnings too')
  .addOption(
    new Option('-o, --output <format>', 'form of the answer')
      .choices(['table', 'json', 'markdown', 'junit', 'sarif', 'github'])
      .default('table'),
  )
  .addOption(
    new Option(
      '--families <list>',
      "the cluster's IP families, primary first; read from the cluster or state where there is one",
    )
      .argParser(familyList)
      .default(['IPv4', 'IPv6'], 'IPv4,IPv6'),
  )
  .option('--namespace <name>', "Berth's own namespace; where the manifests put their pools, else metallb-system")
  .addOption(loadBalancerClass())
  .addOption(kubeconfig())
  .addHelpText('after', '\nExit codes: 0 fine, 1 could not be planned as a whole, 2 refused or destructive.')
  .action(async (options) => (await roles.plan()).runPlan(options));

program
  .command('migrate')
  .description('what an install of MetalLB comes to: what stays, what changes, what was silently wrong, and the steps')
  .option('-f, --filename <file>', 'its manifests and values: a file, a folder or - (repeatable)', several, [])
  .option('-k, --kustomize <folder>', 'its kustomization (repeatable)', several, [])
  .option('--cluster', 'hold it against the running cluster: addresses given, pools, labels')
  .addOption(kubeconfig())
  .addOption(namespace())
  .action(async (options) => (await roles.plan()).runMigrate(options));

program
  .command('state')
  .description('what the cluster has, for berth plan --against')
  .command('export')
  .description('write addresses given, pools, policies and namespace labels; no secrets')
  .addOption(kubeconfig())
  .addOption(namespace())
  .option('--output-file <file>', 'write there instead of standard output')
  .action(async (options) => (await roles.plan()).runStateExport(options));

await program.parseAsync();
