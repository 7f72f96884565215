{
  'targets': [{
    'target_name': 'beamlink',
    'sources': ['<!@(node scripts/native.mjs sources)'],
    'include_dirs': [
      '<!(node -p "require(\'node-addon-api\').include_dir")',
      'native',
      '<!@(node scripts/native.mjs ei-include)',
    ],
    'defines': [
      'NAPI_VERSION=8',
      'NAPI_DISABLE_CPP_EXCEPTIONS',
      'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      '_REENTRANT',
    ],
    'cflags': ['<!@(node scripts/native.mjs compile-flags)'],
    'cflags_cc': ['-std=c++20', '-Wall', '-Wextra', '-fno-exceptions'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++1y', '-std=gnu++20'],
    'ldflags': ['<!@(node scripts/native.mjs link-flags)'],
    'libraries': ['<!@(node scripts/native.mjs ei-library)'],
    'conditions': [
      ['OS=="mac"', {
        'xcode_settings': {
          'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
          'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
          'MACOSX_DEPLOYMENT_TARGET': '11.0',
        },
      }],
    ],
  }],
}
