/**
 * What a member's data may be used for. Each is granted or withdrawn by itself and none follows from another: an
 * e-mail opt-in is no consent for matching on a social network (CNIL SAN-2025-017).
 */
export const PURPOSES = [
  'audience_measurement',
  'personalised_offers',
  'direct_marketing_email',
  'ads_owned_media',
  'ads_open_web',
  'ads_social',
  'ads_tv',
] as const;

export type Purpose = (typeof PURPOSES)[number];

export const isPurpose = (text: unknown): text is Purpose => PURPOSES.some((purpose) => purpose === text);
