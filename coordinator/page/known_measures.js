// The measures that results are known to have, in the order of columns: the same
// table as the command line's (client/lib/measure_names.cc), which a test holds.
const of = (name, unit, better, what) => ({name, unit, better, what});
const STYLE_TAPS = ['relu1_1', 'relu2_1', 'relu3_1', 'relu3_3', 'relu4_1', 'relu4_3', 'relu5_1'];

export const KNOWN_MEASURES = [
  of('psnr', 'dB', 'higher', 'Peak signal-to-noise ratio to the content, of luma'),
  of('ssim', '', 'higher', 'Structural similarity to the content, of luma'),
  of('content_distance', '', 'lower', 'Relative distance to the content\'s features at relu4_2'),
  of('style_distance', '', 'lower', 'Wasserstein-2 distance to the style, relative, mean over the layers'),
  of('gram_distance', '', 'lower', 'Relative distance to the style\'s Gram matrices, mean over the layers'),
  of('mean_wavelength', 'px', 'neither', 'Size of structures: mean wavelength of the luma\'s power spectrum'),
  ...STYLE_TAPS.map((tap) => of(`gram_distance_${tap}`, '', 'lower', `Relative distance to the style's Gram matrix at ${tap}`)),
  ...STYLE_TAPS.map((tap) => of(`wasserstein_${tap}`, '', 'lower', `Wasserstein-2 distance to the style at ${tap}`)),
  of('seconds_per_iteration', 's', 'lower', 'Time of one iteration, on average'),
  of('peak_memory_bytes', 'bytes', 'lower', 'The most memory that was held while it was rendered'),
];
