# `cmake --install` puts the program, the shipped scenarios, and the libraries with their headers on a machine.
# Two components, which become two Debian packages: `program` and `development`.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Appends the targets of `type` that the folder and the folders below it define.
function(collect_targets folder type result)
  get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
  get_property(subfolders DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  set(found ${${result}})
  foreach(target IN LISTS targets)
    get_target_property(target_type ${target} TYPE)
    if(target_type STREQUAL type)
      list(APPEND found ${target})
    endif()
  endforeach()
  foreach(subfolder IN LISTS subfolders)
    collect_targets("${subfolder}" ${type} found)
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

set(installed_libraries project_options)
get_property(folders DIRECTORY PROPERTY SUBDIRECTORIES)
list(FILTER folders EXCLUDE REGEX "/tests$")
foreach(folder IN LISTS folders)
  collect_targets("${folder}" STATIC_LIBRARY installed_libraries)
  collect_targets("${folder}" INTERFACE_LIBRARY installed_libraries)
endforeach()

install(TARGETS ${installed_libraries} EXPORT rehearsalTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/rehearsal COMPONENT development)
install(DIRECTORY sim models reports scenarios
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rehearsal COMPONENT development
  FILES_MATCHING PATTERN "*.h" PATTERN "library" EXCLUDE PATTERN "recordings" EXCLUDE)
install(EXPORT rehearsalTargets NAMESPACE rehearsal::
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rehearsal COMPONENT development)
configure_package_config_file(cmake/rehearsalConfig.cmake.in "${CMAKE_BINARY_DIR}/rehearsalConfig.cmake"
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rehearsal)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/rehearsalConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/rehearsalConfig.cmake" "${CMAKE_BINARY_DIR}/rehearsalConfigVersion.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rehearsal COMPONENT development)

if(TARGET rehearse)
  install(TARGETS rehearse RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()
install(DIRECTORY scenarios/library DESTINATION ${CMAKE_INSTALL_DATADIR}/rehearsal/scenarios COMPONENT program
  PATTERN "CMakeLists.txt" EXCLUDE)
install(FILES LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
