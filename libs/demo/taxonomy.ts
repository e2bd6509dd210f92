export interface SubcategoryData {
  readonly code: string;
  /** Price of a middling article, cents. */
  readonly priceCents: number;
  readonly leaves: readonly string[];
}

export interface DepartmentData {
  readonly code: string;
  readonly name: string;
  /** Relative number of lines sold. */
  readonly weight: number;
  /** Sizes sold and their price against a middling article, per cent. */
  readonly sizes: readonly (readonly [label: string, pricePercent: number])[];
  readonly subcategories: readonly SubcategoryData[];
}

const sub = (code: string, priceCents: number, leaves: string): SubcategoryData => ({
  code,
  priceCents,
  leaves: leaves.split(' '),
});

const GRAMS = [
  ['200 g', 70],
  ['400 g', 100],
  ['1 kg', 210],
] as const;
const LITRES = [
  ['33 cl', 55],
  ['1 l', 100],
  ['6 × 1 l', 480],
] as const;
const PACKS = [
  ['×1', 60],
  ['×4', 100],
  ['×12', 240],
] as const;

/** 12 departments, 60 subcategories, 240 leaves. A code is the path of slugs: `dairy.yoghurt.plain`. */
export const TAXONOMY: readonly DepartmentData[] = [
  {
    code: 'dairy',
    name: 'Dairy',
    weight: 15,
    sizes: [
      ['2 × 125 g', 60],
      ['4 × 125 g', 100],
      ['1 kg', 190],
    ],
    subcategories: [
      sub('yoghurt', 209, 'plain fruit greek drinking'),
      sub('milk', 129, 'whole semi-skimmed skimmed lactose-free'),
      sub('cheese', 349, 'hard soft fresh grated'),
      sub('butter', 289, 'salted unsalted spreadable margarine'),
      sub('desserts', 239, 'mousse custard rice-pudding cheesecake'),
    ],
  },
  {
    code: 'bakery',
    name: 'Bakery',
    weight: 9,
    sizes: PACKS,
    subcategories: [
      sub('bread', 149, 'baguette sliced wholemeal rye'),
      sub('pastry', 259, 'croissant brioche bun doughnut'),
      sub('toast', 199, 'rusk crispbread melba breadstick'),
      sub('cake', 319, 'sponge lemon chocolate fruit-loaf'),
      sub('dough', 229, 'puff shortcrust pizza-base filo'),
    ],
  },
  {
    code: 'produce',
    name: 'Fruit and vegetables',
    weight: 14,
    sizes: GRAMS,
    subcategories: [
      sub('fruit', 279, 'apple banana citrus berry'),
      sub('vegetables', 219, 'tomato carrot courgette pepper'),
      sub('salad', 189, 'lettuce rocket mixed-leaf herb'),
      sub('potato', 249, 'new baking mashing sweet'),
      sub('prepared', 329, 'soup-mix stir-fry cut-fruit crudites'),
    ],
  },
  {
    code: 'meat-fish',
    name: 'Meat and fish',
    weight: 9,
    sizes: GRAMS,
    subcategories: [
      sub('poultry', 649, 'breast thigh whole-bird minced'),
      sub('beef', 899, 'steak stewing minced burger'),
      sub('pork', 549, 'chop sausage bacon ham'),
      sub('fish', 999, 'salmon cod tuna prawn'),
      sub('meat-free', 399, 'tofu soy-burger falafel tempeh'),
    ],
  },
  {
    code: 'pantry',
    name: 'Pantry',
    weight: 13,
    sizes: GRAMS,
    subcategories: [
      sub('pasta', 139, 'spaghetti penne lasagne egg-pasta'),
      sub('rice', 229, 'long-grain basmati risotto wholegrain'),
      sub('sauce', 249, 'tomato pesto mayonnaise mustard'),
      sub('tins', 159, 'chopped-tomato bean sweetcorn fish'),
      sub('cereal', 329, 'muesli flake granola porridge'),
    ],
  },
  {
    code: 'snacks',
    name: 'Snacks and sweets',
    weight: 10,
    sizes: [
      ['90 g', 65],
      ['200 g', 100],
      ['Family 400 g', 175],
    ],
    subcategories: [
      sub('crisps', 199, 'salted paprika tortilla vegetable'),
      sub('biscuits', 219, 'butter chocolate oat wafer'),
      sub('chocolate', 269, 'milk dark filled white'),
      sub('sweets', 189, 'jelly caramel mint liquorice'),
      sub('nuts', 359, 'almond cashew peanut mixed'),
    ],
  },
  {
    code: 'frozen',
    name: 'Frozen',
    weight: 6,
    sizes: GRAMS,
    subcategories: [
      sub('pizza', 389, 'margherita ham four-cheese vegetable'),
      sub('ice-cream', 449, 'tub cone stick sorbet'),
      sub('vegetables', 259, 'pea spinach bean mixed'),
      sub('fish', 599, 'fillet finger breaded shellfish'),
      sub('meals', 479, 'gratin lasagne curry paella'),
    ],
  },
  {
    code: 'drinks',
    name: 'Drinks',
    weight: 9,
    sizes: LITRES,
    subcategories: [
      sub('water', 99, 'still sparkling mineral flavoured'),
      sub('juice', 249, 'orange apple multifruit tomato'),
      sub('soda', 179, 'cola lemonade tonic iced-tea'),
      sub('syrup', 299, 'grenadine mint lemon strawberry'),
      sub('plant-drink', 229, 'oat soy almond rice'),
    ],
  },
  {
    code: 'hot-drinks',
    name: 'Coffee and tea',
    weight: 5,
    sizes: [
      ['125 g', 60],
      ['250 g', 100],
      ['1 kg', 340],
    ],
    subcategories: [
      sub('coffee', 449, 'ground beans capsules instant'),
      sub('tea', 299, 'black green fruit rooibos'),
      sub('infusion', 279, 'camomile verbena mint lime-blossom'),
      sub('cocoa', 349, 'powder flakes unsweetened malt'),
      sub('chicory', 319, 'soluble grain blend roasted'),
    ],
  },
  {
    code: 'baby',
    name: 'Baby',
    weight: 2,
    sizes: PACKS,
    subcategories: [
      sub('nappies', 1399, 'newborn crawler walker night'),
      sub('milk', 1599, 'first follow-on growing comfort'),
      sub('food', 229, 'fruit-jar vegetable-jar pouch cereal'),
      sub('care', 399, 'wipes lotion bath cream'),
      sub('snacks', 219, 'biscuit puff rusk bar'),
    ],
  },
  {
    code: 'household',
    name: 'Household',
    weight: 5,
    sizes: [
      ['Small', 65],
      ['Standard', 100],
      ['Refill pack', 185],
    ],
    subcategories: [
      sub('laundry', 899, 'liquid powder capsules softener'),
      sub('dishes', 599, 'tablets hand-wash rinse-aid salt'),
      sub('cleaning', 349, 'kitchen bathroom floor glass'),
      sub('paper', 449, 'toilet kitchen-roll tissues napkins'),
      sub('bags', 259, 'bin freezer baking foil'),
    ],
  },
  {
    code: 'beauty',
    name: 'Health and beauty',
    weight: 3,
    sizes: [
      ['75 ml', 70],
      ['200 ml', 100],
      ['500 ml', 190],
    ],
    subcategories: [
      sub('hair', 449, 'shampoo conditioner mask styling'),
      sub('shower', 299, 'gel soap bath scrub'),
      sub('teeth', 279, 'toothpaste brush mouthwash floss'),
      sub('skin', 699, 'day night hand sun'),
      sub('deodorant', 349, 'spray stick roll-on cream'),
    ],
  },
];

/** `semi-skimmed` → `Semi-skimmed`. */
export const titleOf = (slug: string): string => slug.charAt(0).toUpperCase() + slug.slice(1);
