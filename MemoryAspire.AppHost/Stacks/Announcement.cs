namespace MemoryAspire.AppHost.Stacks;

/// <summary>What a person needs once the stack is up.</summary>
internal static class Announcement
{
    public static string For(string url, string key, string directory) => $$"""

        ------------------------------------------------------------------------
        MemoryAspire is ready.

          API    {{url}}
          Key    {{key}}
          Data   {{directory}}

        Remember something:

          curl -sS {{url}}/v1/memories \
            -H 'Authorization: Bearer {{key}}' \
            -H 'Content-Type: application/json' \
            -d '{ "content": "Ada prefers tea.", "scope": { "user": "ada" } }'
        ------------------------------------------------------------------------

        """;
}
