/**
 * What can be said about entities, and how: every relation with the sentences that state it, the queries that look for
 * it and the questions that ask for it. `{s}` stands for the subject, `{o}` for the object.
 */

export const ENTITY_TYPES = ["person", "city", "country", "company", "book"] as const;

export type EntityType = (typeof ENTITY_TYPES)[number];

export const RELATION_NAMES = ["birthplace", "employer", "country", "headquarters", "founder", "author"] as const;

export type RelationName = (typeof RELATION_NAMES)[number];

export interface Relation {
  readonly subject: EntityType;
  readonly object: EntityType;
  readonly statements: readonly string[];
  readonly queries: readonly string[];
  readonly questions: readonly string[];
}

export const RELATIONS: Readonly<Record<RelationName, Relation>> = {
  birthplace: {
    subject: "person",
    object: "city",
    statements: ["{s} was born in {o}.", "The birthplace of {s} is {o}.", "The family of {s} comes from {o}."],
    queries: ["birthplace of {s}", "where was {s} born"],
    questions: ["Where was {s} born?", "What is the birthplace of {s}?"],
  },
  employer: {
    subject: "person",
    object: "company",
    statements: ["{s} works for {o}.", "The employer of {s} is {o}.", "{s} has a desk at {o}."],
    queries: ["employer of {s}", "{s} works for"],
    questions: ["Which company does {s} work for?", "Who is the employer of {s}?"],
  },
  country: {
    subject: "city",
    object: "country",
    statements: ["{s} is a city in the country {o}.", "{s} lies in {o}, a country.", "The country of {s} is {o}."],
    queries: ["country of {s}", "{s} lies in which country"],
    questions: ["In which country is {s}?", "What is the country of {s}?"],
  },
  headquarters: {
    subject: "company",
    object: "city",
    statements: [
      "{s} has its main office in {o}.",
      "The company {s} is based in {o}.",
      "The headquarters of {s} is in {o}.",
    ],
    queries: ["headquarters of {s}", "where is {s} based"],
    questions: ["Where is {s} based?", "Where is the headquarters of {s}?"],
  },
  founder: {
    subject: "company",
    object: "person",
    statements: ["{s} was founded by {o}.", "The founder of {s} is {o}.", "{o} started the company {s}."],
    queries: ["founder of {s}", "who founded {s}"],
    questions: ["Who founded {s}?", "Who is the founder of {s}?"],
  },
  author: {
    subject: "book",
    object: "person",
    statements: ["{s} is a book by {o}.", "The author of {s} is {o}.", "{o} wrote the book {s}."],
    queries: ["author of {s}", "who wrote {s}"],
    questions: ["Who wrote {s}?", "Who is the author of {s}?"],
  },
};

/** Two relations in a row: the second is asked of the first one's object, which the question does not name. */
export interface Composition {
  readonly relations: readonly [RelationName, RelationName];
  readonly questions: readonly string[];
}

export const COMPOSITIONS: readonly Composition[] = [
  {
    relations: ["birthplace", "country"],
    questions: ["In which country is the birthplace of {s}?", "What is the country of the birthplace of {s}?"],
  },
  {
    relations: ["employer", "headquarters"],
    questions: ["Where is the employer of {s} based?", "Where is the headquarters of the employer of {s}?"],
  },
  {
    relations: ["employer", "founder"],
    questions: ["Who founded the employer of {s}?", "Who is the founder of the employer of {s}?"],
  },
  {
    relations: ["headquarters", "country"],
    questions: ["In which country is the headquarters of {s}?", "What is the country of the headquarters of {s}?"],
  },
  {
    relations: ["founder", "birthplace"],
    questions: ["Where was the founder of {s} born?", "What is the birthplace of the founder of {s}?"],
  },
  {
    relations: ["author", "birthplace"],
    questions: ["Where was the author of {s} born?", "What is the birthplace of the author of {s}?"],
  },
  {
    relations: ["author", "employer"],
    questions: ["Which company does the author of {s} work for?", "Who is the employer of the author of {s}?"],
  },
];

/** Sentences that name an entity and answer nothing. */
export const DISTRACTORS: Readonly<Record<EntityType, readonly string[]>> = {
  person: ["{s} plays the flute.", "{s} has a sister and an old dog.", "Many people know {s} well."],
  city: ["{s} has a famous old bridge.", "Many people visit {s} in summer.", "It often rains in {s}."],
  country: ["{s} has many rivers and hills.", "People in {s} drink tea."],
  company: ["{s} sells tools and paper.", "Many people like {s}."],
  book: ["{s} has a sad end.", "Many people read {s}."],
};

/** A template with its places filled. */
export function fill(template: string, names: { readonly s?: string; readonly o?: string }): string {
  return template.replace(/\{([so])\}/g, (place, letter: "s" | "o") => names[letter] ?? place);
}
