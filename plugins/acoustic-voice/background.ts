/**
 * How voices lie: middle and spread of each number, over 34 synthetic Portuguese voices (espeak-ng 1.51, the variants in
 * even places of the list in `test/bench/voices.ts`, eight sentences each, with noise at 30 and at 15 dB). They put the
 * numbers on one scale; no person's voice is in them.
 */
export const BACKGROUND: { mean: readonly number[]; deviation: readonly number[] } = {
  mean: [
    -0.35, -0.181, 0.0908, -0.421, -0.0662, 0.0895, -0.0554, 0.0268, -0.00895, -0.0369, -0.0962, -0.0207, 0.156,
    -0.0224, 0.0228, 0.0208, -0.104, 0.0749, 0.00641, -0.0529, 0.957, 0.892, 1.04, 0.761, 0.61, 0.503, 0.386, 0.376,
    0.447, 0.363, 0.404, 0.289, 0.32, 0.242, 0.244, 0.266, 0.263, 0.241, 0.171, 0.191, 6.82, 0.237,
  ],
  deviation: [
    0.282, 0.158, 0.266, 0.232, 0.208, 0.15, 0.124, 0.108, 0.134, 0.11, 0.115, 0.111, 0.101, 0.0837, 0.0649, 0.0699,
    0.0786, 0.0602, 0.0399, 0.0389, 0.155, 0.155, 0.196, 0.186, 0.128, 0.0775, 0.146, 0.111, 0.113, 0.0833, 0.0869,
    0.0857, 0.0633, 0.0725, 0.0701, 0.0633, 0.0793, 0.0554, 0.0522, 0.0472, 0.354, 0.0793,
  ],
};

/**
 * How much each number counts: the spectrum's shape, half as much its movement, which a sentence decides as well, and the
 * pitch for three. On synthetic voices, whose pitch never tires, more would separate better; people's pitch moves.
 */
export const WEIGHT: readonly number[] = [
  ...Array.from({ length: 20 }, () => 1),
  ...Array.from({ length: 20 }, () => 0.5),
  3,
  1,
];
