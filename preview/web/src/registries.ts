// What Grafana's own application puts into the registries of its packages: the standard options of fields, and the transformations.
import {
  booleanOverrideProcessor, displayNameOverrideProcessor, FieldConfigPropertyItem, identityOverrideProcessor, numberOverrideProcessor, standardTransformers,
  stringOverrideProcessor, thresholdsOverrideProcessor, unitOverrideProcessor, valueMappingsOverrideProcessor, dataLinksOverrideProcessor, TransformerRegistryItem,
} from "@grafana/data";

type Item = FieldConfigPropertyItem<any, any, any>;

const item = (id: string, process: any): Item => ({
  id, path: id, name: id, category: ["Standard"], editor: (() => null) as any, override: (() => null) as any, process, settings: {}, shouldApply: () => true, getItemsCount: undefined as any,
});

export const getAllStandardFieldConfigs = (): Item[] => [
  item("unit", unitOverrideProcessor), item("min", numberOverrideProcessor), item("max", numberOverrideProcessor), item("decimals", numberOverrideProcessor),
  item("displayName", displayNameOverrideProcessor), item("noValue", stringOverrideProcessor), item("thresholds", thresholdsOverrideProcessor),
  item("mappings", valueMappingsOverrideProcessor), item("links", dataLinksOverrideProcessor), item("color", identityOverrideProcessor),
  item("fieldMinMax", booleanOverrideProcessor), item("filterable", booleanOverrideProcessor), item("actions", identityOverrideProcessor),
];

export const getAllOptionEditors = (): any[] => [];

export const getStandardTransformers = (): TransformerRegistryItem[] =>
  [...new Map(Object.values(standardTransformers).map((t: any) => [t.id, {
    id: t.id, editor: null as any, transformation: () => Promise.resolve(t), name: t.name, description: t.description, imageDark: "", imageLight: "",
  }])).values()] as any; // some are there under two names
