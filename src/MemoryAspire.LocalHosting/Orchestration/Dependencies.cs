using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

internal static class Dependencies
{
    /// <summary>Every resource this one cannot do without, and theirs, a child's parent included.</summary>
    public static IReadOnlySet<IResource> Of(IResource resource)
    {
        var found = new HashSet<IResource>();
        var open = new Stack<IResource>([resource]);
        while (open.TryPop(out var next))
        {
            foreach (var dependency in Direct(next))
            {
                if (found.Add(dependency)) open.Push(dependency);
            }
        }

        return found;
    }

    /// <summary>The order of stopping: each layer is used by none of the later ones, so it is stopped before them.</summary>
    public static IReadOnlyList<IReadOnlyList<IResource>> StopLayers(IReadOnlyCollection<IResource> resources)
    {
        var left = resources.ToDictionary(resource => resource, Of);
        var layers = new List<IReadOnlyList<IResource>>();
        while (left.Count > 0)
        {
            var unused = left.Keys.Where(resource => !left.Any(other => other.Key != resource && other.Value.Contains(resource))).ToList();
            // Resources that wait for each other have no order: they go together.
            var layer = unused.Count > 0 ? unused : [.. left.Keys];
            foreach (var resource in layer) left.Remove(resource);
            layers.Add(layer);
        }

        return layers;
    }

    private static IEnumerable<IResource> Direct(IResource resource) =>
        resource.Annotations.OfType<DependencyAnnotation>().Select(dependency => dependency.Resource)
            .Concat(resource.Annotations.OfType<ParentAnnotation>().Select(parent => parent.Parent));
}
