/** The `berth` command: picks a role and hands it its options. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { NAMESPACE } from './core/api/names.ts';

/** Loaded when asked for: a speaker never pays for the webhook's libraries. */
const roles = {
  controller: () => import('./main/controller.ts'),
  speaker: () => import('./main/speaker.ts'),
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
  .action(async (options) => (await roles.speaker()).runSpeakerRole(options));

await program.parseAsync();
