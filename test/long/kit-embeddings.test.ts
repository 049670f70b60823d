import t from 'tap';
import { EMBEDDINGS_CHECKS, proveEmbeddings } from '../../core/kit/index.ts';
import { referenceTests, trippedTests } from '../kit/menagerie.ts';
import { embeddingsAnimals } from '../kit/zoo-embeddings/animals.ts';
import { acmeEmbeddings } from '../kit/zoo-embeddings/reference.ts';
import { subjectOf } from '../kit/zoo-remote/defects.ts';
import { sharedAnimals } from '../kit/zoo-remote/shared-animals.ts';

/** A right provider answers over loopback at once; an animal is not waited for longer. */
const PATIENCE_MS = 500;

const shared = sharedAnimals(acmeEmbeddings, [{ id: 'embed' }], (subject) => subject);
const animals = [...shared, ...embeddingsAnimals];

referenceTests(t, { checks: EMBEDDINGS_CHECKS, prove: proveEmbeddings, reference: subjectOf(acmeEmbeddings), animals });
trippedTests(t, animals, (subject, options) => proveEmbeddings(subject, { ...options, patienceMs: PATIENCE_MS }));
