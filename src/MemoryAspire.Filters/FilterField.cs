using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MemoryAspire.Filters;

/// <summary>What part of a memory is looked at.</summary>
public enum FilterTarget
{
    Metadata,
    Kind,
    Importance,
    CreatedAt,
    UpdatedAt,
    User,
    Agent,
    Session,
}

/// <summary>A field of a memory.</summary>
/// <param name="Path">Names within the metadata, outermost first; empty for other targets.</param>
public sealed record FilterField(FilterTarget Target, ImmutableArray<string> Path)
{
    /// <summary>No metadata is deeper.</summary>
    public const int PathMax = 32;

    private const string MetadataPrefix = "metadata.";

    /// <summary>False when a memory has no such field.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out FilterField? field)
    {
        field = name switch
        {
            "kind" => Of(FilterTarget.Kind),
            "importance" => Of(FilterTarget.Importance),
            "createdAt" => Of(FilterTarget.CreatedAt),
            "updatedAt" => Of(FilterTarget.UpdatedAt),
            "scope.user" => Of(FilterTarget.User),
            "scope.agent" => Of(FilterTarget.Agent),
            "scope.session" => Of(FilterTarget.Session),
            _ when name.StartsWith(MetadataPrefix, StringComparison.Ordinal) && Names(name.AsSpan(MetadataPrefix.Length)) is { } path => new(FilterTarget.Metadata, path),
            _ => null,
        };
        return field is not null;
    }

    private static FilterField Of(FilterTarget target) => new(target, []);

    /// <summary>
    /// The names between dots. A backslash before a dot or a backslash makes it a part of the name; every other character stands
    /// for itself.
    /// </summary>
    private static ImmutableArray<string>? Names(ReadOnlySpan<char> text)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        var name = new StringBuilder();
        for (var at = 0; at <= text.Length; at++)
        {
            if (at == text.Length || text[at] == '.')
            {
                if (name.Length == 0 || names.Count == PathMax) return null;
                names.Add(name.ToString());
                name.Clear();
            }
            else
            {
                if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '.' or '\\') at++;
                name.Append(text[at]);
            }
        }

        return names.ToImmutable();
    }
}
