export type SilenceEvent = 'silent' | 'heard';

/** Whether a courier that carries something is heard of; changed in place. */
export interface SilenceWatch {
  isSilent: boolean;
}

/**
 * What has changed, or null; to be asked again and again, and after each fix. Who carries nothing may
 * be silent for as long as it likes: that ends a silence without a word.
 * @param sinceFixSeconds city seconds since the courier's last fix
 * @param silentSecondsMax city seconds; a fix just so old is no silence yet
 */
export function followSilence(
  watch: SilenceWatch,
  carries: boolean,
  sinceFixSeconds: number,
  silentSecondsMax: number,
): SilenceEvent | null {
  const wasSilent = watch.isSilent;
  watch.isSilent = carries && sinceFixSeconds > silentSecondsMax;
  if (watch.isSilent === wasSilent) return null;
  if (watch.isSilent) return 'silent';
  return carries ? 'heard' : null;
}
