import t from 'tap';
import { routeMatrix } from '../../helpers/route-matrix.ts';

/** One of each kind; `test/long/all-routes.test.ts` asks as all of them. */
const CALLERS = ['nobody', 'viewer', 'admin of another client'];

t.test('every route × the callers that differ most', (t) => routeMatrix(t, CALLERS));
