// Leaves one platform of onnxruntime-node in node_modules. Run by the Dockerfile after `npm prune`.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const binaries = join('node_modules', 'onnxruntime-node', 'bin');
for (const napi of existsSync(binaries) ? readdirSync(binaries) : []) {
  for (const platform of readdirSync(join(binaries, napi))) {
    const folder = join(binaries, napi, platform);
    if (platform !== process.platform) {
      rmSync(folder, { recursive: true });
      continue;
    }
    for (const arch of readdirSync(folder)) {
      if (arch !== process.arch) rmSync(join(folder, arch), { recursive: true });
    }
  }
}
