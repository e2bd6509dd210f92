export interface MakerData {
  readonly name: string;
  /** Department of `TAXONOMY` that the brands are sold in. */
  readonly department: string;
  /** Brand names, the strongest first. */
  readonly brands: readonly string[];
}

/** The retailer's own brands: sold in every category, the dearer one first. */
export const PRIVATE_LABEL = { name: 'Comptoir Soleil', brands: ['Comptoir Soleil', 'Petit Soleil'] } as const;

const maker = (department: string, name: string, brands: string): MakerData => ({
  department,
  name,
  brands: brands.split(', '),
});

/** 60 invented manufacturers and their invented brands. */
export const MAKERS: readonly MakerData[] = [
  maker('dairy', 'Laiteries Vallombreuse', 'Vallombreuse, Petit Aubrac, Lunéa'),
  maker('dairy', 'Crémerie Montclar', 'Montclar, Blanc de Givre'),
  maker('dairy', 'Lecherías Altamonte', 'Altamonte, Nubella, Prado Claro'),
  maker('dairy', 'Caseificio Verdoro', 'Verdoro, Stellabianca'),
  maker('dairy', 'Norrfell Dairies', 'Norrfell, Skyrada, Havrina'),
  maker('bakery', 'Moulins Castelbrun', 'Castelbrun, La Huchette Dorée'),
  maker('bakery', 'Boulangerie Tavernelle', 'Tavernelle, Mie Tendre, Gasparine'),
  maker('bakery', 'Forno Quercelli', 'Quercelli, Grissola'),
  maker('bakery', 'Panaderías Trigal Viejo', 'Trigal Viejo, Espiguita'),
  maker('bakery', 'Kornhaus Felder', 'Felder, Roggenau, Knusprix'),
  maker('produce', 'Vergers du Luzion', 'Luzion, Croquine'),
  maker('produce', 'Huertas Solmar', 'Solmar, Verdanza, Huertita'),
  maker('produce', 'Ortofresco Adige', 'Ortofresco, Fogliaviva'),
  maker('produce', 'Maraîchers Belleterre', 'Belleterre, Rosée Verte'),
  maker('produce', 'Terraviva Growers', 'Terraviva, Sunbarrow, Leafwell'),
  maker('meat-fish', 'Salaisons Rochefauve', 'Rochefauve, Le Fumoir Gris'),
  maker('meat-fish', 'Volailles Gâtinaise', 'Gâtinaise, Plume Rousse'),
  maker('meat-fish', 'Jamones Sierra Parda', 'Sierra Parda, Encinar Real'),
  maker('meat-fish', 'Pesquerías Brava', 'Ola Brava, Marinela, Arrecife Azul'),
  maker('meat-fish', 'Greenforge Foods', 'Greenforge, Pulsia, Tofanelle'),
  maker('pantry', 'Pastificio Montesasso', 'Montesasso, Spiga Antica'),
  maker('pantry', 'Rizières de Camarelle', 'Camarelle, Delta Blond'),
  maker('pantry', 'Conserveries Port-Maubert', 'Port-Maubert, La Gamelle, Tomatine'),
  maker('pantry', 'Salsas Doña Rufina', 'Doña Rufina, Picantela'),
  maker('pantry', 'Hafermann Mills', 'Hafermann, Morgenkorn, Crunchora'),
  maker('snacks', 'Biscuiterie Pontivelle', 'Pontivelle, Sablona'),
  maker('snacks', 'Chocolats Grandvaux', 'Grandvaux, Noir Absolu, Tablettine'),
  maker('snacks', 'Snackería Crujiente', 'Crujientes Lola, Tortilleta'),
  maker('snacks', 'Dolciaria Fiorancia', 'Fiorancia, Gommosi, Caramelle Rosa'),
  maker('snacks', 'Brackwater Crisps', 'Brackwater, Saltmoor, Nutledge'),
  maker('frozen', 'Glaces Névéa', 'Névéa, Cornetelle'),
  maker('frozen', 'Surgelés Cap Boréal', 'Cap Boréal, Potager Givré'),
  maker('frozen', 'Congelados Mar Frío', 'Mar Frío, Paellador'),
  maker('frozen', 'Pizzeria Vesuvana', 'Vesuvana, Forno Subito'),
  maker('frozen', 'Frostgrove Kitchens', 'Frostgrove, Northplate, Icefields'),
  maker('drinks', 'Sources de Vaudreline', 'Vaudreline, Perlotte'),
  maker('drinks', 'Zumos Valdenaranja', 'Valdenaranja, Zumela'),
  maker('drinks', 'Acque Montecristallo', 'Montecristallo, Frizzella, Limonara'),
  maker('drinks', 'Fizzworks Beverages', 'Fizzworks, Colarada, Tonicale'),
  maker('drinks', 'Havrelait Boissons', 'Havrelait, Amandelle'),
  maker('hot-drinks', 'Torréfaction Belombre', 'Belombre, Capsulina, Noir Matin'),
  maker('hot-drinks', 'Torrefazione Sanbruno', 'Sanbruno, Moka Vecchia'),
  maker('hot-drinks', 'Cafés Cordillera Alta', 'Cordillera Alta, Aroma Puro'),
  maker('hot-drinks', 'Thés Jardin de Mirelle', 'Jardin de Mirelle, Tisanerie du Soir'),
  maker('hot-drinks', 'Ashcombe Tea', 'Ashcombe, Rooibrook, Cocoawell'),
  maker('baby', 'Laboratoires Câlinou', 'Câlinou, Premiers Pas'),
  maker('baby', 'Bébé Nuage', 'Bébé Nuage, Douce Lune'),
  maker('baby', 'Mimitos Infantil', 'Mimitos, Pasitos'),
  maker('baby', 'Nutrikind', 'Nutrikind, Löffelchen'),
  maker('baby', 'Cucciolo Italia', 'Cucciolotto, Pappabuona'),
  maker('household', 'Savonnerie Clairval', 'Clairval, Linge Blanc, Écoline'),
  maker('household', 'Limpiezas Brillasol', 'Brillasol, Burbujas'),
  maker('household', 'Papeteries Doucelin', 'Doucelin, Feuillette'),
  maker('household', 'Puro Casa', 'Purocasa, Lavandera'),
  maker('household', 'Waschwerk', 'Waschwerk, Klarspül, Sternweiss'),
  maker('beauty', 'Laboratoires Héliance', 'Héliance, Aquabelle, Soie de Jour'),
  maker('beauty', 'Cosmética Rosalina', 'Rosalina, Brisa Suave'),
  maker('beauty', 'Profumi di Valchiara', 'Valchiara, Bagno Verde'),
  maker('beauty', 'Dentavie', 'Dentavie, Fraîchelle'),
  maker('beauty', 'Nordhaut', 'Nordhaut, Birkenfrisch'),
];

/** `Crémerie Montclar` → `cremerie-montclar`. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
