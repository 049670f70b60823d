import type { Kind } from '../../contracts/index.ts';
import { abortChecks } from './abort-checks.ts';
import { faultChecks } from './fault-checks.ts';
import { lifeChecks } from './life-checks.ts';
import { manifestChecks } from './manifest-checks.ts';
import type { RemoteCheck, RemoteSuite } from './proof.ts';
import { secretChecks } from './secret-checks.ts';

/** What is asked of every provider that asks a vendor over HTTP, whatever its kind. */
export function remoteChecks<K extends Kind>(suite: RemoteSuite<K>): readonly RemoteCheck<K>[] {
  return [
    ...manifestChecks(suite.kind),
    ...lifeChecks(suite),
    ...suite.ways.flatMap((way) => faultChecks(way)),
    ...suite.ways.flatMap((way) => abortChecks(way)),
    ...secretChecks(suite),
  ];
}
