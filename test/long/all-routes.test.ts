import t from 'tap';
import { routeMatrix } from '../helpers/route-matrix.ts';

t.test('every route × every kind of caller', (t) => routeMatrix(t));
