import type { Country } from '#core';

export interface RegionData {
  /** ISO 3166-2. */
  readonly code: string;
  readonly name: string;
  /** Relative number of members. */
  readonly weight: number;
  readonly cities: readonly string[];
}

export interface CountryData {
  readonly country: Country;
  /** Share of the members. */
  readonly share: number;
  readonly storeCount: number;
  readonly regions: readonly RegionData[];
}

const region = (code: string, name: string, weight: number, cities: string): RegionData => ({
  code,
  name,
  weight,
  cities: cities.split(', '),
});

/** Real countries, regions and cities; the stores in them are invented. */
export const GEOGRAPHY: readonly CountryData[] = [
  {
    country: 'FR',
    share: 0.6,
    storeCount: 72,
    regions: [
      region('FR-IDF', 'Île-de-France', 19, 'Paris, Montreuil, Versailles, Créteil, Évry, Cergy, Melun, Nanterre'),
      region('FR-ARA', 'Auvergne-Rhône-Alpes', 12, 'Lyon, Grenoble, Saint-Étienne, Clermont-Ferrand, Annecy, Valence'),
      region('FR-OCC', 'Occitanie', 9, 'Toulouse, Montpellier, Nîmes, Perpignan, Albi'),
      region('FR-NAQ', 'Nouvelle-Aquitaine', 9, 'Bordeaux, Limoges, Poitiers, La Rochelle, Pau'),
      region('FR-HDF', 'Hauts-de-France', 9, 'Lille, Amiens, Roubaix, Dunkerque, Arras'),
      region('FR-GES', 'Grand Est', 8, 'Strasbourg, Reims, Metz, Nancy, Mulhouse'),
      region('FR-PAC', "Provence-Alpes-Côte d'Azur", 8, 'Marseille, Nice, Toulon, Avignon, Cannes'),
      region('FR-PDL', 'Pays de la Loire', 6, 'Nantes, Angers, Le Mans, Laval'),
      region('FR-BRE', 'Bretagne', 5, 'Rennes, Brest, Quimper, Lorient'),
      region('FR-NOR', 'Normandie', 5, 'Rouen, Caen, Le Havre, Cherbourg'),
      region('FR-BFC', 'Bourgogne-Franche-Comté', 4, 'Dijon, Besançon, Belfort'),
      region('FR-CVL', 'Centre-Val de Loire', 4, 'Orléans, Tours, Bourges'),
    ],
  },
  {
    country: 'ES',
    share: 0.25,
    storeCount: 30,
    regions: [
      region('ES-MD', 'Comunidad de Madrid', 22, 'Madrid, Móstoles, Alcalá de Henares, Getafe'),
      region('ES-CT', 'Cataluña', 20, "Barcelona, L'Hospitalet, Sabadell, Girona"),
      region('ES-AN', 'Andalucía', 20, 'Sevilla, Málaga, Granada, Córdoba'),
      region('ES-VC', 'Comunitat Valenciana', 13, 'València, Alicante, Castelló'),
      region('ES-GA', 'Galicia', 8, 'Vigo, A Coruña, Santiago'),
      region('ES-PV', 'País Vasco', 7, 'Bilbao, San Sebastián, Vitoria'),
      region('ES-CL', 'Castilla y León', 6, 'Valladolid, Burgos, León'),
      region('ES-AR', 'Aragón', 4, 'Zaragoza, Huesca'),
    ],
  },
  {
    country: 'IT',
    share: 0.15,
    storeCount: 18,
    regions: [
      region('IT-25', 'Lombardia', 28, 'Milano, Bergamo, Brescia, Monza'),
      region('IT-62', 'Lazio', 18, 'Roma, Latina, Viterbo'),
      region('IT-21', 'Piemonte', 15, 'Torino, Novara, Cuneo'),
      region('IT-45', 'Emilia-Romagna', 14, 'Bologna, Parma, Modena'),
      region('IT-34', 'Veneto', 13, 'Verona, Padova, Vicenza'),
      region('IT-52', 'Toscana', 12, 'Firenze, Prato, Pisa'),
    ],
  },
];

/** Kinds of store, with their floor space as a weight. */
export const STORE_FORMATS = [
  { name: 'Hyper', weight: 5 },
  { name: 'Market', weight: 2 },
  { name: 'City', weight: 1 },
] as const;
