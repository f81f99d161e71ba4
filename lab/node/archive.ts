import { run } from '../machine/run.ts';

/** What an importer would find in an OCI archive of one image. */
export interface ArchiveIndex {
  readonly name: string;
  /** Digest of the image's manifest: the same for the same image. */
  readonly digest: string;
  /** Digests of the layers, first to last. */
  readonly layers: readonly string[];
}

/** Reads the index of an OCI archive. @throws CommandFailed when it isn't one. */
export async function readIndex(archive: string): Promise<ArchiveIndex> {
  const read = async (member: string) => JSON.parse(await run(['tar', '-xOf', archive, member]));
  const [described] = (await read('index.json')).manifests;
  const { layers } = await read(`blobs/${described.digest.replace(':', '/')}`);
  return {
    name: described.annotations['io.containerd.image.name'],
    digest: described.digest,
    layers: layers.map((layer: { digest: string }) => layer.digest),
  };
}
