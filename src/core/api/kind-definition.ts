/** What the apiserver is told of a kind; `custom-resource-definition.ts` makes the manifest of it. */
import type { TSchema } from '@sinclair/typebox';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  /** 0 is always shown, 1 and more with `-o wide` only. */
  readonly priority?: number;
  readonly description?: string;
}

export interface KindVersion {
  readonly name: string;
  readonly storage: boolean;
  readonly deprecationWarning?: string;
  /** Undefined: the kind has a status only. */
  readonly spec: TSchema | undefined;
  readonly specRequired: boolean;
  readonly status: TSchema;
  readonly columns: readonly PrinterColumn[];
}

export interface KindDefinition {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  /** One paragraph for `kubectl explain`. */
  readonly description: string;
  readonly versions: readonly KindVersion[];
  /** Whether the apiserver asks Berth's webhook to convert between versions. */
  readonly convertedByWebhook: boolean;
}

/** `plural.group`, the name of the definition. */
export function definitionName(kind: KindDefinition): string {
  return `${kind.plural}.${kind.group}`;
}

export const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** The status of one condition. Priority 0 is left out, as the apiserver stores no zero. */
export function conditionColumn(type: string, priority = 0): PrinterColumn {
  const column = { name: type, type: 'string', jsonPath: `.status.conditions[?(@.type=="${type}")].status` } as const;
  return priority === 0 ? column : { ...column, priority };
}
