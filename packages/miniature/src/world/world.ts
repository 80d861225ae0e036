/** A small fictional world: entities of five types, and for every relation one object for each entity it can be said of. */
import { RandomStream } from "./random-stream.ts";
import { ENTITY_TYPES, type EntityType, RELATION_NAMES, RELATIONS, type RelationName } from "./relations.ts";

/** How many entities of each type there are. */
export type EntityCounts = Readonly<Record<EntityType, number>>;

export interface Fact {
  readonly relation: RelationName;
  readonly subject: string;
  readonly object: string;
}

/** Entities are their names: none is given twice. */
export class World {
  readonly entities: Readonly<Record<EntityType, readonly string[]>>;
  readonly facts: readonly Fact[];
  readonly #typeByName = new Map<string, EntityType>();
  readonly #objects = new Map<string, string>();

  /**
   * @param seed   the same seed, counts and names make the same world
   * @param names  at least as many as entities; which type one gets is drawn as well
   * @throws {RangeError} there are too few names
   */
  constructor(seed: string | number, counts: EntityCounts, names: readonly string[]) {
    const random = new RandomStream(["miniature", "world", seed]);
    const unused = random.shuffle(names);
    const take = (type: EntityType): string[] => unused.splice(0, counts[type]);
    this.entities = {
      person: take("person"),
      city: take("city"),
      country: take("country"),
      company: take("company"),
      book: take("book"),
    };
    for (const type of ENTITY_TYPES) {
      if (this.entities[type].length < counts[type]) {
        const needed = ENTITY_TYPES.reduce((sum, each) => sum + counts[each], 0);
        throw new RangeError(`a world of ${needed} entities needs as many names, got ${names.length}`);
      }
      for (const name of this.entities[type]) this.#typeByName.set(name, type);
    }
    this.facts = RELATION_NAMES.flatMap((relation) =>
      this.entities[RELATIONS[relation].subject].map((subject): Fact => {
        const object = random.pick(this.entities[RELATIONS[relation].object]);
        this.#objects.set(`${relation} ${subject}`, object);
        return { relation, subject, object };
      }),
    );
  }

  /** @throws {RangeError} no such entity */
  typeOf(name: string): EntityType {
    const type = this.#typeByName.get(name);
    if (type === undefined) throw new RangeError(`this world has no ${name}`);
    return type;
  }

  /** What stands in a relation to an entity. @throws {RangeError} the relation can't be said of it */
  objectOf(relation: RelationName, subject: string): string {
    const object = this.#objects.get(`${relation} ${subject}`);
    if (object === undefined) throw new RangeError(`in this world ${subject} has no ${relation}`);
    return object;
  }
}
